"""The server's end of `api.questions`: one route for each, and its answer.

An answer is of one moment of the store, or of the revision that the question names; what a principal may not see is left out
by `showing`. Nothing is decided here that `api.questions` declares.
"""
