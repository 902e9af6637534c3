"""What clients can call: one module an endpoint, each a plain ASGI callable.

An endpoint takes the snapshot once, reads what was asked, and hands over to `routing` and `dispatch`. Answers and
refusals are in the shape of the protocol that was spoken.
"""
