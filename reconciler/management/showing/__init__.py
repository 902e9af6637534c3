"""What of a store a principal is told: all but secrets, and of namespaces that it does not see, nothing.

Each module fits a protocol of `api`, around the store's own: whatever is told to somebody elsewhere goes through one of these.
"""
