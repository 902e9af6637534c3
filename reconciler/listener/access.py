"""Every route says who may use it, and is asked no otherwise: what is declared is what is enforced.

The check is made by the route that was matched, with what was matched: there is no second reading of the path that could
come to another verdict. A test enumerates the routes of both listeners, those without ASGI too.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from reconciler.json_types import JsonObject
from reconciler.listener.guard import Verdict


class Access(Enum):
    """Who may use a route. `SIGNED`: the request bears a signature that its own handler checks."""

    OPEN = "open"
    SIGNED = "signed"
    CLIENT = "client"
    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


Check = Callable[[Scope, Access], Awaitable[None]]
"""Lets a request pass, and notes in its scope who asks; or raises AccessRefused."""

Endpoint = Callable[[Request], Awaitable[Response]]


class AccessRefused(Exception):
    """The verdict of a check. `challenge` goes with a 401."""

    def __init__(self, verdict: Verdict, challenge: str | None = None) -> None:
        super().__init__(verdict.code)
        self.verdict = verdict
        self.challenge = challenge

    def headers(self) -> dict[str, str]:
        return {"www-authenticate": self.challenge} if self.challenge is not None else {}


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer of an operation, for the OpenAPI document. Without `media` it has no body."""

    description: str
    media: str | None = None
    schema: JsonObject = field(default_factory=dict)
    also: tuple[str, ...] = ()
    """Other media that it is given in where that is asked for; `schema` is not theirs."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation, for the OpenAPI document and for who reads it; `place` is query, header or path."""

    name: str
    description: str
    schema: JsonObject = field(default_factory=lambda: {"type": "string"})
    place: str = "query"


@dataclass(frozen=True, slots=True)
class Operation:
    """What a route does, for people: the OpenAPI document is made of it. `answers` by status."""

    name: str
    summary: str
    answers: Mapping[int, Answered] = field(default_factory=lambda: MappingProxyType({}))
    takes: tuple[str, ...] | None = None
    """The media types of the body; None: there is none."""
    parameters: tuple[Parameter, ...] = ()
    """Those of the path need no entry."""
    body: JsonObject = field(default_factory=dict)
    """The schema of the body."""
    most: int | None = None
    """How many bytes its JSON may have; None: as many as usual."""
    group: str = ""
    """The heading that it stands under."""


class DeclaredRoute(Route):
    """`methods` are those that it has; GET brings HEAD along. `check` is asked before anything else is done."""

    def __init__(
        self,
        path: str,
        endpoint: Endpoint,
        *,
        methods: Sequence[str],
        access: Access,
        check: Check,
        operation: Operation,
    ) -> None:
        super().__init__(path, endpoint, methods=list(methods))
        self.access = access
        self.declared = tuple(methods)
        self.operation = operation
        self._check = check

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] in (self.methods or ()):  # else Starlette says which there are
            await self._check(scope, self.access)
        await super().handle(scope, receive, send)
