"""Who carries out what is asked: a port, which bootstrap fills."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from reconciler.api.writes import Writes
from reconciler.resources.principal import Principal

WritesOf = Callable[[Principal], Writes]
"""In the name of who asks."""

Turn = Callable[[], AbstractContextManager[None]]
"""For what reads or copies all of a store: a few at a time, and TooMany is raised beyond."""
