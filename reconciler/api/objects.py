"""What is asked of single resources, on its way to a server."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from reconciler.api.writes import Change
from reconciler.control.imperative.changes import Rewrites
from reconciler.control.imperative.creation import Creation
from reconciler.control.imperative.rewriting import Rewrite
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject
from reconciler.resources.resource import ResourceKey

_VERB = re.compile(r"[a-z]{2,20}( [a-z]{2,20}){0,2}")
_RESERVED = frozenset({"adopt", "apply", "import", "migrate", "restore", "resume", "rollback", "sync", "up"})
"""What these are called in the history means more than a change of single resources."""
_OF_OTHERS = frozenset({"history", "records", "token"})
"""What begins so in the audit is a deed of another kind."""


@dataclass(frozen=True, slots=True)
class Item:
    """What becomes of one resource: the whole object that is wanted in its place, or None: it is deleted.

    With a metadata.resourceVersion it was made from that one, and is refused (code stale) where that is not the stored one.
    creates: it is not there yet.
    """

    key: ResourceKey
    wanted: JsonObject | None = field(default=None, repr=False)  # may hold a secret
    creates: bool = False


@dataclass(frozen=True, slots=True)
class Objects:
    """A Change, as it travels."""

    items: tuple[Item, ...]
    verb: str = "write"
    manager: str | None = None
    message: str = ""
    dry_run: bool = False
    sealing: bool = True
    ignore_missing: bool = False


def objects_of(change: Change, items: Iterable[Item]) -> Objects:
    return Objects(
        tuple(items),
        change.verb,
        change.manager,
        change.message,
        change.dry_run,
        change.sealing,
        change.ignore_missing,
    )


def change_of(told: Objects) -> Change:
    """Raises InvalidInput."""
    if not _VERB.fullmatch(told.verb) or told.verb in _RESERVED or told.verb.partition(" ")[0] in _OF_OTHERS:
        raise InvalidInput(
            "verb: no command that changes single resources is called so", hint="write or patch"
        )
    keys = [item.key for item in told.items]
    if len(set(keys)) < len(keys) or not keys:
        raise InvalidInput("items: name each resource once, and one at least")
    rewrites: Rewrites = {item.key: _rewrite(item) for item in told.items}
    return Change(
        told.verb,
        rewrites,
        told.manager,
        told.message,
        told.dry_run,
        told.sealing,
        told.ignore_missing,
    )


def _rewrite(item: Item) -> Rewrite | None:
    wanted = item.wanted
    if wanted is None:
        return None
    if item.creates:
        return Creation(item.key, lambda: wanted)
    return lambda _: wanted
