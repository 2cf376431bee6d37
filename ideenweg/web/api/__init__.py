"""The API: what other programs of a city ask and send, as JSON under /api/v1. It decides nothing and reads nothing by
itself: commands go to the engine, questions to the queries, with the rights of the person whose token it is.

A session cookie opens nothing here, so nothing here can be forged in somebody's browser. How to use it: docs/api.md.
"""
