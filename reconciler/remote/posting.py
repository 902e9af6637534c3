"""One question to a server about a write, and the typed value that it answers."""

from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import quote

from reconciler.api.forms import from_json, to_json
from reconciler.api.intents import Intention, intention_of
from reconciler.control.proposal import Wanted
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue
from reconciler.remote.connection import Connection, other_version

T = TypeVar("T")

SECONDS = 300.0
"""So long a server may take to begin to answer a write: it waits its turn, and ten thousand resources take a while."""


class Posting:
    """Over one connection; `namespace` is what -n said."""

    def __init__(self, connection: Connection, namespace: str | None = None) -> None:
        self._connection = connection
        self._namespace = namespace

    def intention(self, wanted: Wanted, manager: str | None) -> Intention:
        source = wanted.source
        checkout = source.checkout() if source is not None and wanted.prune else None
        return intention_of(wanted, manager, self._namespace, checkout)

    def post(self, path: str, value: object, form: object) -> JsonObject:
        told = to_json(value, form)
        return self.send(path, told if isinstance(told, dict) else {})

    def send(self, path: str, body: JsonObject, query: Mapping[str, str] | None = None) -> JsonObject:
        answer = self._connection.post(quote(path), body, query=query, seconds=SECONDS)
        return self.whole(answer.json())

    def get(self, path: str) -> JsonObject:
        return self.whole(self._connection.get(path).json())

    def whole(self, answer: JsonValue) -> JsonObject:
        if not isinstance(answer, dict):
            raise other_version(self._connection.server.url, None, "its answer is no object")
        return answer

    def told(self, document: JsonObject, form: type[T] | object, name: str) -> T:
        return self.read(document, name, lambda value: from_json(value, form, name))

    def read(self, document: JsonObject, name: str, read: Callable[[JsonValue], T]) -> T:
        """Raises Unreachable where a server of another version answers what is not known here."""
        try:
            return read(document.get(name))
        except InvalidInput as error:
            raise other_version(
                self._connection.server.url, None, f"of its answer, {error.message}"
            ) from None
