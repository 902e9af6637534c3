"""How a path says that it is an overlay's."""


class Overlay(str):
    """A folder as `-k` gives it. For whoever asks whose it is, a path like any other; intake builds what stands there."""

    __slots__ = ()
