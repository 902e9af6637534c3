"""What can be written, wherever the store is: on this machine, or behind a server that decides in the name of who asks.

`Writes` has two implementations, `bootstrap.writes.LocalWrites` and `remote.writes.RemoteWrites`. The server's end of the second
calls the first, so what is said of one is true of the other.
"""

from typing import Protocol

from reconciler.api.manifest_writes import IMPORT, Adoption, Imported, ManifestWrites, Planned
from reconciler.api.object_writes import Change, Changed, ObjectWrites
from reconciler.api.people_writes import Grant, Granted, PeopleWrites, Reloading, Reset

__all__ = [
    "IMPORT",
    "Adoption",
    "Change",
    "Changed",
    "Grant",
    "Granted",
    "Imported",
    "Planned",
    "Reloading",
    "Reset",
    "Writes",
]


class Writes(ManifestWrites, ObjectWrites, PeopleWrites, Protocol):
    """Every method raises RouterctlError: Forbidden for what who asks may not, and what the store or the way there causes."""
