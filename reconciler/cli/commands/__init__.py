"""One file a verb: parse -> call -> render -> exit code.

A verb decides nothing: it turns words into a call, and the answer into words. It imports what it needs at its top,
because only the asked verb is imported at all; no verb imports another.
"""
