"""The operator's listener: status, metrics and health of all workers together.

It reads the store and the workers' observations; it never serves LLM traffic and is never reachable through the
data plane's port.
"""
