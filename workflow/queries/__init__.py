"""The read side: what lists and pages show. It changes nothing, and every list is answered from an index.

Functions take a connection inside a reading transaction. Whoever shows a result decides in which language.
"""
