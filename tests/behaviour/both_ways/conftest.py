"""`both` is the fixture of these tests."""

from fakes.both_ways import both

__all__ = ["both"]
