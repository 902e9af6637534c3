"""Who set each field of a resource: its manager, and the revision that gave it its value. Pure.

The stored versions of the resource are walked backwards. A field's value is as old as the oldest version, without a gap
before now, that has it; the revision that made that version set it. Who manages the field tells the live version: a
manager may share a field without ever having changed it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import takewhile

from reconciler.control.leaves import Leaves, Names, leaves
from reconciler.control.ownership.field_set import from_fields_v1, path_text
from reconciler.control.ownership.value import shown_at
from reconciler.control.plan.model import content_of
from reconciler.json_types import JsonValue, same
from reconciler.resources.resource import StoredResource
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.structure import canonical
from reconciler.store.records import Revision


@dataclass(frozen=True, slots=True)
class Blamed:
    """One field. No secret is in `value`. Without managers it is a default.

    older: the versions before were removed from the record, so the value may be older than the revision.
    """

    field: str
    value: JsonValue
    managers: tuple[str, ...]
    revision: Revision
    older: bool = False

    @property
    def default(self) -> bool:
        return not self.managers


def blame(
    versions: Iterable[StoredResource], revision: Callable[[int], Revision], *, whole: bool = True
) -> tuple[Blamed, ...]:
    """Of the first of `versions`, which are one object's, newest first; as many are taken as are needed.

    whole: they begin with the one that created it.
    """
    walk = iter(versions)
    live = next(walk)
    structure = structure_of_kind(live.key.kind)
    content = content_of(live.resource)
    now = leaves(content, structure)
    since = dict.fromkeys(now, live.revision)
    pending = set(now)
    for version in walk:
        before = leaves(content_of(version.resource), structure)
        pending = {path for path in pending if _is_same(path, now, before)}
        since.update(dict.fromkeys(pending, version.revision))
        if not pending:
            break
    boundary = set() if whole else pending
    managers = _managers(live)
    return tuple(
        Blamed(
            path_text(tuple(("f", name) for name in path)).removeprefix("."),
            shown_at(path, content, structure),
            managers.get(path, ()),
            revision(since[path]),
            path in boundary,
        )
        for path in sorted(now)
    )


def _is_same(path: Names, now: Leaves, before: Leaves) -> bool:
    """Whether the field had its value then, however that was written."""
    if path not in before:
        return False
    value, structure = now[path]
    return same(canonical(structure, value), canonical(structure, before[path][0]))


def _managers(stored: StoredResource) -> Mapping[Names, tuple[str, ...]]:
    found: dict[Names, dict[str, None]] = {}
    for entry in stored.managed_fields:
        for path in from_fields_v1(entry.fields):
            # A list is told as a whole, by all who own some of it.
            names = tuple(name for _, name in takewhile(lambda element: element[0] == "f", path))
            found.setdefault(names, {})[entry.manager] = None
    return {path: tuple(managers) for path, managers in found.items()}
