"""What is served without ASGI: POSTs to a few paths, by callbacks. Who serves them implements `Service` and `Serving`.

What a service makes of a head is kept as long as the head is known; a request's life is `begin`, `body` once when all of
it is there, and any number of `blocked` and `writable` until it is answered or its client is `gone`. Requests of one connection come one after the other, whatever was pipelined.
Nothing here may raise: what goes wrong is the service's to answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from reconciler.listener.access import Access
from reconciler.listener.guard import Gate, Refusal

Fields: TypeAlias = Mapping[bytes, bytes]
"""A request's headers by their names in lower case; the values of a name that stands twice are joined by a comma."""

TextHeaders: TypeAlias = tuple[tuple[str, str], ...]
"""Lower-case names, values without control characters."""


class Reply(Protocol):
    """The answer to one request: `head`, any `data`, and `finish`; or `answer` alone. Both may end with `abort`."""

    @property
    def began(self) -> bool:
        """Whether the client may have seen some of it."""
        ...

    def head(self, status: int, headers: TextHeaders, length: int | None = None) -> None:
        """Written with the first data, or with the end. Without `length`, that of the body, the answer is chunked."""
        ...

    def data(self, chunk: bytes) -> None: ...

    def finish(self) -> None: ...

    def answer(self, status: int, headers: TextHeaders, body: bytes) -> None:
        """All at once, with its content-length."""
        ...

    def abort(self) -> None:
        """Cut the connection, so that what was sent can't be taken for all of it."""
        ...


class Serving(Protocol):
    """One request under way."""

    def body(self, raw: bytes) -> None: ...

    def too_large(self, limit: int) -> None:
        """Instead of `body`."""
        ...

    def too_slow(self, seconds: float) -> None:
        """Instead of `body`: nothing of it came for so long."""
        ...

    def gone(self) -> None: ...

    def blocked(self) -> None:
        """The client reads more slowly than it is written to."""
        ...

    def writable(self) -> None: ...


class Alike(Protocol):
    """The requests that bear one head, which their service has read."""

    def begin(self, reply: Reply) -> Serving:
        """May answer at once, and is asked nothing more then."""
        ...


class Service(Protocol):
    @property
    def access(self) -> Access:
        """Who may use it: as each route of ASGI's road declares it, and asked when a request begins."""
        ...

    def read(self, fields: Fields) -> Alike:
        """Told of a head once, as long as that is known, without its content-length. Who may ask is asked for each request
        anew.
        """
        ...


@dataclass(frozen=True, slots=True)
class HotPaths:
    """`services` by path. `max_body` in bytes. What the gate does not admit is answered as `refuse` says."""

    services: Mapping[str, Service]
    gate: Gate
    refuse: Refusal
    max_body: int
