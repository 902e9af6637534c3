"""Legacy mode: a store that holds nothing else is kept equal to another system's file.

What stands in it has a source of its own. Whoever applies anything ends legacy mode: what it put there is theirs then, so
that no field of it is in anybody's way.
"""

from collections.abc import Iterable

from reconciler.control.source import LEGACY_SOURCE
from reconciler.resources.resource import StoredResource


def holds_nothing_else(stored: Iterable[StoredResource]) -> bool:
    """Whether a store counts as empty for legacy mode."""
    return all(each.source == LEGACY_SOURCE for each in stored)
