"""How people prove who they are: passwords, second factors, sessions, tokens, links that work once.

It knows no page and no mail. Secrets go out once, when they are made; kept are their digests. Times are arguments.
"""
