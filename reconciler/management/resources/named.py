"""Which kinds and resources are meant."""

from collections.abc import Sequence

from reconciler.control.manifest.printable import printable
from reconciler.control.permission import check_read
from reconciler.errors import NotFound
from reconciler.management.rest.call import Call
from reconciler.resources.kinds import KINDS, Kind, find_kind
from reconciler.resources.resource import ResourceKey


def kinds_of(text: str | None) -> Sequence[Kind]:
    """Kinds between commas; all where none is named. Raises NotFound."""
    if not text:
        return tuple(KINDS.values())
    return tuple(dict.fromkeys(_kind(word) for word in text.split(",")))


def key_of(call: Call) -> ResourceKey:
    """The resource of the path. Raises Forbidden for a namespace that who asks may not look into."""
    namespace = call.path("namespace")
    check_read(call.who, namespace)
    return ResourceKey(_kind(call.path("kind")).name, namespace, call.path("name"))


def _kind(word: str) -> Kind:
    kind = find_kind(word.strip())
    if kind is None:
        known = ", ".join(each.plural for each in KINDS.values())
        raise NotFound(f'there is no kind "{printable(word)[:64]}"', hint=f"one of {known}")
    return kind
