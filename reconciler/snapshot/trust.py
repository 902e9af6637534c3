"""Whose words decide where a Secret's value goes: the managers of the fields, as managedFields tell them.

A resource stays with its first source while others add fields to it or take some over, so its source tells nothing
here. A value belongs to the one source that declares it. Where it may go, that source says or somebody at this
machine; a field that anybody else shares counts for nothing.
"""

from collections.abc import Sequence

from reconciler.json_types import value_at
from reconciler.resources.resource import FieldManager, StoredResource
from reconciler.secrets.resolver import Trust


def trust(provider: StoredResource, field: str, secret: StoredResource, entry: str) -> Trust:
    """Between `field` of a Provider's config, which refers to a Secret, and the entry of it that is referred to."""
    sources = {each.source for each in managers_of(secret, "data", entry) if each.source is not None}
    source = sources.pop() if len(sources) == 1 else None
    told = managers_of(provider, "config", "tls")  # whom the host has to be, too
    return Trust(
        hosts=_written_by(source, managers_of(secret, "hosts")),
        resource=_written_by(source, address_of(provider))
        and _written_by(source, managers_of(provider, "config", *field.split(".")))
        and (not told or _written_by(source, told)),
    )


def carries(provider: StoredResource, field: str) -> bool:
    """Whether a value that stands in the Provider's own `field` may go where its address says: to change the address is
    to send the value elsewhere. So who writes the address writes the value as well, or is at this machine; and a value that
    somebody at this machine gave follows the address that a source declares. Who asked over the API counts where nobody else
    declares the value: a sealed one can be repeated by who does not know it.
    """
    own = managers_of(provider, "config", *field.split("."))
    names, local = {each.manager for each in own}, all(each.local for each in own)
    told = [*address_of(provider), *managers_of(provider, "config", "tls")]
    return all(
        each.local
        or (each.manager in names and (each.source is not None or len(names) == 1))
        or (local and each.source is not None)
        for each in told
    )


def address_of(provider: StoredResource) -> Sequence[FieldManager]:
    """Who says where it is; where nobody writes that, it is where its type has it, and who writes the type says so."""
    return managers_of(provider, "config", "baseURL") or managers_of(provider, "type")


def _written_by(source: str | None, managers: Sequence[FieldManager]) -> bool:
    """By `source` or locally, and by nobody else. A field that nobody declared is nobody's word."""
    return bool(managers) and all(
        each.local or (source is not None and each.source == source) for each in managers
    )


def managers_of(stored: StoredResource, *field: str) -> Sequence[FieldManager]:
    """All that declare a field of the spec."""
    path = ("f:spec", *(f"f:{name}" for name in field))
    return [each for each in stored.managed_fields if value_at(each.fields, path) is not None]
