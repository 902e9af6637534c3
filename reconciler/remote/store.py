"""A server's store, read as one on this machine: whatever `api.questions` declares is asked, and answered as declared.

Within `consistent` all answers are of one revision: the first says which, and the next questions name it. What holds
until the configuration moves is asked with the tag of what was answered before, so that nothing is sent twice.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import cast

from reconciler.api.accounts import Accounts
from reconciler.api.questions import AT, QUESTIONS, Question
from reconciler.api.records import Observing, Records
from reconciler.api.traffic import Traffic
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject
from reconciler.remote.connection import VERSION_HEADER, Answer, Connection, other_version

_KEPT = 64
"""Answers that are kept, for when they still hold."""


class RemoteStore:
    """Fits api.records.Store. `connection` is closed by who opened it."""

    def __init__(self, connection: Connection) -> None:
        asker = Asker(connection)
        self.records = cast("Records", Part("records", asker))
        self.observing = cast("Observing", Part("observing", asker))
        self.traffic = cast("Traffic", Part("traffic", asker))
        self.accounts = cast("Accounts", Part("accounts", asker))


class Part:
    """The methods of one protocol, by the table of questions."""

    def __init__(self, name: str, asker: "Asker") -> None:
        self._name = name
        self._asker = asker

    def __getattr__(self, name: str) -> Callable[..., object]:
        question = QUESTIONS.get((self._name, name))
        if question is None:
            raise AttributeError(f"nobody asks a server's {self._name} for {name}")
        return lambda *arguments, **named: self._asker.ask(question, question.bound(arguments, named))

    @contextmanager
    def consistent(self) -> Iterator[None]:
        with self._asker.consistent():
            yield


class Asker:
    """Asks over one connection. Not for several threads at once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._depth = 0
        self._at: str | None = None
        self._kept: dict[str, tuple[str, object]] = {}
        self._turn = threading.RLock()

    @contextmanager
    def consistent(self) -> Iterator[None]:
        with self._turn:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if not self._depth:
                    self._at = None

    def ask(self, question: Question, arguments: JsonObject) -> object:
        """Raises RouterctlError: the server's own, or of the way there."""
        with self._turn:
            return self._ask(question, arguments)

    def _ask(self, question: Question, arguments: JsonObject) -> object:
        name = json.dumps([question.path, arguments], sort_keys=True)
        kept = self._kept.get(name)
        headers = {} if self._at is None else {AT: self._at}
        if kept is not None:
            headers["if-none-match"] = kept[0]
        answer = self._sent(question, arguments, headers)
        if self._depth and question.part == "records":
            self._at = answer.headers.get(AT, self._at)
        if answer.status == 304 and kept is not None:
            return kept[1]
        value = self._read(question, answer)
        tag = answer.headers.get("etag")
        if tag is not None:
            self._keep(name, tag, value)
        return value

    def _sent(self, question: Question, arguments: JsonObject, headers: Mapping[str, str]) -> Answer:
        if question.long:
            return self._connection.post(question.path, arguments, headers=headers)
        query = {name: json.dumps(value, separators=(",", ":")) for name, value in arguments.items()}
        return self._connection.get(question.path, query, headers)

    def _read(self, question: Question, answer: Answer) -> object:
        document = answer.json()
        try:
            return question.read(document)
        except InvalidInput as error:
            version = answer.headers.get(VERSION_HEADER)
            raise other_version(self._connection.server.url, version, error.message) from None

    def _keep(self, name: str, tag: str, value: object) -> None:
        self._kept.pop(name, None)
        self._kept[name] = (tag, value)
        while len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
