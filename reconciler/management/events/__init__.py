"""What happens to a store, as it happens: a list, or a stream of server-sent events for who wants to be told.

A stream is told nothing that a question would not be, and ends with the right of who opened it.
"""
