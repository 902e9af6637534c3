"""One request, from its candidates to its answer.

`machine` decides and does no I/O: it is told of events and calls `ports`, time included. Each attempt is a `trial`.
Once a byte of an answer was handed to the client there is no second candidate, and no broken answer ends in a
way that could pass for a whole one.
"""
