"""Who carries out what is asked: a port, which bootstrap fills."""

from collections.abc import Callable

from reconciler.api.writes import Writes
from reconciler.resources.principal import Principal

WritesOf = Callable[[Principal], Writes]
"""In the name of who asks."""
