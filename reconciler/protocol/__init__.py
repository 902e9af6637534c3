"""The wire that clients speak, OpenAI's and Anthropic's, as bytes and plain values.

Pure: no I/O, no clock, no state but a stream's. Bodies stay bytes. A request is parsed once, to learn what routing
needs, and only the span of `model` is replaced; unknown fields pass through. Nothing of a body is repeated in a message,
apart from a model's name, cut short.
"""
