"""Single resources, changed by a server, and the ways back."""

from collections.abc import Callable

from reconciler.api.objects import Item, Objects, objects_of
from reconciler.api.writes import Change, Changed
from reconciler.control.imperative.changes import not_there
from reconciler.control.imperative.creation import Creation
from reconciler.control.imperative.written import what_is_written
from reconciler.control.stored_object import stored_object
from reconciler.errors import InvalidInput, Stale, StoreError
from reconciler.json_types import JsonObject, JsonValue
from reconciler.remote.connection import Connection
from reconciler.remote.posting import Posting
from reconciler.resources.resource import ResourceKey, StoredResource

_ATTEMPTS = 100


class RemoteObjectWrites(Posting):
    """What single resources need of api.object_writes.ObjectWrites."""

    def __init__(
        self,
        connection: Connection,
        read: Callable[[ResourceKey], StoredResource | None],
        namespace: str | None = None,
    ) -> None:
        """`read` gives a resource as it is there now."""
        super().__init__(connection, namespace)
        self._read = read

    def change(self, change: Change) -> Changed:
        """Made anew from what is stored, where others change it in between."""
        for _ in range(_ATTEMPTS):
            told = objects_of(change, self._items(change))
            try:
                return self.told(self.post("/v1/objects", told, Objects), Changed, "changed")
            except Stale:
                continue
        raise StoreError(
            f"other commits came between {_ATTEMPTS} times", hint="try again when the store is less busy"
        )

    def _items(self, change: Change) -> list[Item]:
        """Raises NotFound for what is not there, and what the rewrites raise."""
        found, missing = list[Item](), list[ResourceKey]()
        for key, rewrite in change.rewrites.items():
            stored = self._read(key) if rewrite is not None else None
            if rewrite is None:
                found.append(Item(key))
            elif stored is not None:
                found.append(Item(key, _as_object(rewrite(stored_object(stored)), stored)))
            elif isinstance(rewrite, Creation):
                found.append(Item(key, _made(rewrite), creates=True))
            elif not change.ignore_missing:
                missing.append(key)
        if missing:
            raise not_there(missing)
        return found


def _made(creation: Creation) -> JsonObject:
    made = creation.make()
    if not isinstance(made, dict):
        raise InvalidInput(f"{creation.key}: what would be written is no object")
    return made


def _as_object(wanted: JsonValue, stored: StoredResource) -> JsonObject:
    """What is wanted, made from what is stored. Raises InvalidInput, and Stale for another resourceVersion that it names."""
    what_is_written(stored, wanted)
    whole = _object(wanted)
    metadata = _object(whole.get("metadata"))
    return {**whole, "metadata": {**metadata, "resourceVersion": str(stored.resource_version)}}


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, dict):
        raise InvalidInput("an object is expected")
    return value
