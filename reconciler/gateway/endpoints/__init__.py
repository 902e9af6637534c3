"""What clients can call. `inference` is served by callbacks, all others are plain ASGI callables.

An endpoint takes the snapshot once, reads what was asked, and hands over to `routing` and `dispatch`. Answers and
refusals are in the shape of the protocol that was spoken.
"""
