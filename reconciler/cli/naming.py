"""Resources that a command names: that one of the name is there, or which one was meant."""

from collections.abc import Iterable, Mapping

from reconciler.control.manifest.printable import printable
from reconciler.control.manifest.suggestions import suggestion
from reconciler.errors import NotFound
from reconciler.resources.kinds import KINDS
from reconciler.resources.resource import DEFAULT_NAMESPACE, Resource, ResourceKey


def key_of(kind: str, namespace: str | None, name: str) -> ResourceKey:
    return ResourceKey(kind, namespace or DEFAULT_NAMESPACE, name)


def require(key: ResourceKey, known: Mapping[ResourceKey, Resource]) -> Resource:
    """Raises NotFound, with the name that was probably meant."""
    found = known.get(key)
    if found is None:
        raise missing(key, names_of(key.kind, known))
    return found


def names_of(kind: str, known: Iterable[ResourceKey]) -> list[str]:
    return sorted(key.name for key in known if key.kind == kind)


def missing(key: ResourceKey, names: Iterable[str]) -> NotFound:
    close = suggestion(key.name, names)
    where = f" -n {printable(key.namespace)}" if key.namespace != DEFAULT_NAMESPACE else ""
    if close is not None:
        return NotFound(f"{printable(str(key))} does not exist", hint=f"did you mean {close}?")
    return NotFound(
        f"{printable(str(key))} does not exist",
        hint="what there is",
        command=f"get {KINDS[key.kind].plural}{where}",
    )
