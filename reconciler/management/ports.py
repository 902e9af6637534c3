"""What the API stands on. Who starts the listener fills it; a module of routes takes what it needs."""

from collections.abc import Callable
from dataclasses import dataclass

from reconciler.management.changes.writers import WritesOf
from reconciler.management.providers.upstreams import Upstreams
from reconciler.management.questions.answer import Answering
from reconciler.management.records.archive import Archive
from reconciler.management.rest.stores import Stores
from reconciler.management.upkeep.keepers import KeeperOf


@dataclass(frozen=True, slots=True)
class Ports:
    stores: Stores
    answering: Answering
    archive: Archive
    writes: WritesOf
    upstreams: Upstreams
    keepers: KeeperOf
    stopping: Callable[[], bool] = lambda: False
    """Whether the listener is about to end: what could go on for ever ends itself then."""
