"""The rule that keeps web pages out of a listener without keys.

A page can make a browser send requests here in three ways, and each has its answer:

- DNS rebinding: the page's own name is made to point at this machine. The Host header then bears that name -> 421.
- A plain cross-origin request. Browsers add `Origin`, or `Sec-Fetch-Site: cross-site` -> 403.
- A "simple" POST from a browser that adds neither. It can't bear `application/json` without asking first -> 415.

The pages of an origin that was allowed are told so, as browsers want it (`cors`): also where their request is at fault.

`judge` decides from the parts of a request that count; `Gate` adds what a page may read of the answer. Two perform:
`Guard` for ASGI, and `hot_protocol` for what is served without it. Only the path of the request line counts as the path,
and only where it has one reading (`paths`): a Host such as `x/healthz?` reaches URLs that are put together from it, and
must not reach decisions. So nothing here or behind reads such a URL.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

from starlette.types import ASGIApp, Receive, Scope, Send

from reconciler.listener import cors
from reconciler.listener.origins import origin_of, parse_authority
from reconciler.listener.pages import NO_PAGES, Pages
from reconciler.listener.paths import plain_path, raw_path
from reconciler.listener.security_headers import secured

Headers = list[tuple[bytes, bytes]]
Refusal = Callable[[int, str, str, str], tuple[Headers, bytes]]
"""(status, code, message, path) -> the answer in the shape of the listener's own errors."""

ANY_HOST_PATHS = frozenset({"/healthz", "/readyz"})
BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})
_WRONG_HOST = frozenset({400, 421})
_OF_PAGES = frozenset({b"origin", b"sec-fetch-site"})
"""Headers that browsers send, and pages can't keep them from."""

_REMEMBERED = 256
_REMEMBERED_BYTES = 512
"""How many requests a Gate remembers, and the bytes of one."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a request is refused."""

    status: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What a listener answers to beside `localhost`, IP literals and its own origin. Made by `rules`."""

    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    multipart_paths: frozenset[str] = frozenset()
    media: frozenset[str] = frozenset()
    """What bodies may be beside JSON: nothing that a page of another site can send without asking first."""
    bare: bool = False
    """Whether what says no media type may pass, where no browser sent it: there may be no body."""
    keyed: bool = False
    """Whether every request needs a key: no web page has one, so what keeps pages out is not asked."""
    pages: Pages = NO_PAGES
    """Beside those of `origins`."""

    def has(self, origin: str) -> bool:
        """Whether pages of this origin may use the listener."""
        return origin in self.origins or self.pages.has(origin)


def rules(
    hosts: Iterable[str] = (),
    origins: Iterable[str] = (),
    multipart_paths: Iterable[str] = (),
    media: Iterable[str] = (),
    *,
    bare: bool = False,
) -> Rules:
    """Rules from what people write: `Gateway.Example.com:8484` and `https://app.example.com/` are fine."""
    return Rules(
        frozenset(_allowed_host(host) for host in hosts),
        frozenset(origin_of(origin.rstrip("/")) for origin in origins),
        frozenset(multipart_paths),
        frozenset(media),
        bare,
    )


class Asked(NamedTuple):
    """What counts of a request. `headers` are those in COUNTING, names in lower case; `method` is None for a websocket."""

    method: str | None
    path: str
    scheme: str
    headers: tuple[tuple[bytes, bytes], ...]


COUNTING = frozenset({b"host", b"origin", b"sec-fetch-site", b"content-type"})


def asked(method: str | None, path: str, scheme: str, headers: Iterable[tuple[bytes, bytes]]) -> Asked:
    return Asked(method, path, scheme, tuple([header for header in headers if header[0] in COUNTING]))


STRANGE_PATH = Verdict(
    400,
    "invalid_path",
    "the path of the request can be read in more than one way; send it without //, /./, /../, ; and encoded characters",
)


def judge(request: Asked, allowed: Rules) -> Verdict | None:
    """None where the request may pass. Host first: whoever comes under a foreign name learns nothing more."""
    headers = request.headers
    hosts = _values(headers, b"host")
    if allowed.keyed:
        return _judge_hosts(hosts, request.path)
    return (
        _judge_host(hosts, request.path, allowed)
        or _judge_origin(headers, _own_origins(request.scheme, hosts), allowed)
        or _judge_content_type(request, allowed)
    )


def _judge_hosts(hosts: list[str], path: str) -> Verdict | None:
    """Whether there is one, which all who read the request take for the same."""
    if path in ANY_HOST_PATHS or (len(hosts) == 1 and parse_authority(hosts[0]) is not None):
        return None
    if len(hosts) == 1:
        told = f"the Host header {_shown(hosts[0])} is neither a host name nor an IP address; send one"
    else:
        count = "no Host header" if not hosts else f"{len(hosts)} hosts, in Host headers and its target"
        told = f"the request has {count}; send exactly one, such as Host: localhost"
    return Verdict(400, "invalid_host", told)


def _judge_host(hosts: list[str], path: str, allowed: Rules) -> Verdict | None:
    if path in ANY_HOST_PATHS:
        return None
    if len(hosts) != 1:
        return _judge_hosts(hosts, path)
    authority = parse_authority(hosts[0])
    if authority is None:
        return Verdict(
            421,
            "host_not_allowed",
            f"the Host header {_shown(hosts[0])} is neither a host name nor an IP address; "
            "use localhost, an IP address, or a name given with --allow-host NAME",
        )
    if authority.literal or authority.host == "localhost" or authority.host in allowed.hosts:
        return None
    return Verdict(
        421,
        "host_not_allowed",
        f"this listener does not answer to the host {_shown(authority.host)}; "
        f"use localhost or an IP address, or start it with --allow-host {authority.host}",
    )


def _judge_origin(
    headers: Iterable[tuple[bytes, bytes]], own: frozenset[str], allowed: Rules
) -> Verdict | None:
    origins = [origin_of(value) for value in _values(headers, b"origin")]
    if origins and all(map(allowed.has, origins)):
        return None
    for origin in origins:
        if origin not in own and not allowed.has(origin):
            return Verdict(
                403,
                "origin_not_allowed",
                f"requests from web pages of {_shown(origin)} are refused; to allow them, start this listener "
                f"with --allow-origin {_shown(origin)}",
            )
    sites = {value.lower() for value in _values(headers, b"sec-fetch-site")}
    if "cross-site" in sites:
        return Verdict(
            403,
            "cross_site_request",
            "a web page of another site sent this request (Sec-Fetch-Site: cross-site); to allow that page's "
            "requests, start this listener with --allow-origin and the page's origin",
        )
    return None


def _judge_content_type(request: Asked, allowed: Rules) -> Verdict | None:
    if request.method not in BODY_METHODS:
        return None
    types = _values(request.headers, b"content-type")
    if not types and allowed.bare and not any(name in _OF_PAGES for name, _ in request.headers):
        return None
    essence = types[0].partition(";")[0].strip().lower() if len(types) == 1 else ""
    multipart = request.path in allowed.multipart_paths
    if essence == "application/json" or (multipart and essence == "multipart/form-data"):
        return None
    if essence in allowed.media:
        return None
    wanted = "application/json or multipart/form-data" if multipart else "application/json"
    found = f"not {_shown(', '.join(types))}" if types else "and it has no Content-Type"
    return Verdict(
        415,
        "unsupported_media_type",
        f"a {request.method} here takes {wanted}, {found}; add the header Content-Type: application/json",
    )


def _own_origins(scheme: str, hosts: list[str]) -> frozenset[str]:
    if len(hosts) != 1 or parse_authority(hosts[0]) is None:
        return frozenset()
    scheme = {"ws": "http", "wss": "https"}.get(scheme, scheme)
    return frozenset({origin_of(f"{scheme}://{hosts[0]}")})


def _allowed_host(text: str) -> str:
    authority = parse_authority(text)
    return authority.host if authority else text.lower()


def _values(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> list[str]:
    return [value.decode("latin-1").strip() for key, value in headers if key == name]


def _shown(text: str) -> str:
    """Foreign text in a message: short, and nothing in it can pass for more of the message."""
    printable = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "?" for c in text)
    return f'"{printable[:100]}"'


def allowed_origin(headers: Iterable[tuple[bytes, bytes]], allowed: Rules) -> bytes | None:
    """The origin as the browser wrote it, where its pages may read answers; None for every other request."""
    origins = [value for name, value in headers if name == b"origin"]
    if len(origins) != 1 or not allowed.has(origin_of(origins[0].decode("latin-1").strip())):
        return None
    return origins[0]


@dataclass(frozen=True, slots=True)
class Admission:
    """What becomes of a request. `page` is the origin whose pages may read the answer, `varies` whether that is told."""

    verdict: Verdict | None
    page: bytes | None
    varies: bool
    rules: Rules | None = None
    """By which it was judged: under others it says nothing."""
    manner: cors.Manner = cors.PLAIN
    """How the pages of `page` may ask."""

    def marks(self, answer: Headers) -> Headers:
        """What an answer with these headers bears beside them."""
        return cors.marks(self.page, answer, self.manner) if self.varies else []


class Gate:
    """Admits by `judge`, and remembers: clients send the same few headers over and over. Its answers are values.

    `scheme` is that of its listener, whoever starts that sets it.
    """

    def __init__(self, allowed: Rules) -> None:
        self.allowed = allowed
        self.scheme = "http"
        self._known: dict[Hashable, Admission] = {}

    def turn(self, *, keyed: bool, pages: Pages = NO_PAGES) -> None:
        """Requests need keys from now on, or none any more; these pages may ask beside those that always may."""
        if (keyed, pages) != (self.allowed.keyed, self.allowed.pages):
            self.allowed = replace(self.allowed, keyed=keyed, pages=pages)
            self._known.clear()

    def admit(self, request: Asked) -> Admission:
        known = self._known.get(request)
        return self._judged(request, request) if known is None else known

    def admit_post(self, path: str, headers: Headers, fields: Mapping[bytes, bytes]) -> Admission:
        """A POST on the hot road. `fields` are the same headers by name, the last of each."""
        if len(fields) != len(headers):  # some name stands twice, and that may count
            return self.admit(asked("POST", path, self.scheme, headers))
        get = fields.get
        key = path, get(b"host"), get(b"origin"), get(b"sec-fetch-site"), get(b"content-type")
        known = self._known.get(key)
        return self._judged(asked("POST", path, self.scheme, headers), key) if known is None else known

    def _judged(self, request: Asked, key: Hashable) -> Admission:
        allowed = self.allowed
        verdict = judge(request, allowed)
        page = allowed_origin(request.headers, allowed)
        foreign = verdict is not None and verdict.status in _WRONG_HOST
        varies = bool(allowed.origins) or allowed.pages is not NO_PAGES
        manner = (
            cors.PLAIN if page is None else allowed.pages.manner_of(origin_of(page.decode("latin-1").strip()))
        )
        admission = Admission(verdict, None if foreign else page, varies, allowed, manner)
        if verdict is None and sum(map(len, chain(*request.headers, [request.path]))) <= _REMEMBERED_BYTES:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = admission
        return admission


class Guard:
    """ASGI middleware, the outermost of its listener. `lifespan` and what may pass go through untouched.

    `methods` are those that a page of an allowed origin may use. Below one of the `tails` a path is one name (`paths`).
    """

    def __init__(
        self,
        app: ASGIApp,
        gate: Gate,
        refuse: Refusal,
        methods: Sequence[str] = ("GET", "POST"),
        tails: Sequence[bytes] = (),
    ) -> None:
        self._app = app
        self._gate = gate
        self._refuse = refuse
        self._methods = tuple(methods)
        self._tails = tuple(tails)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers: Headers = list(scope["headers"])
        path = plain_path(raw_path(scope["path"], scope.get("raw_path")), self._tails)
        admission = self._gate.admit(
            asked(scope.get("method"), path or "", scope.get("scheme", "http"), headers)
        )
        verdict, page = admission.verdict, admission.page
        if path is None:
            verdict = verdict or STRANGE_PATH
        else:
            scope = {**scope, "path": path}
        if scope["type"] == "websocket":
            if verdict is None:
                await self._app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1008, "reason": verdict.code})
            return
        send = secured(send)
        if verdict is None and page is not None and cors.is_preflight(scope["method"], headers):
            answer = cors.preflight_answer(page, headers, self._methods, admission.manner)
            await _preflight(answer, send)
            return
        if admission.varies:
            send = cors.marked(send, page, admission.manner)
        if verdict is None:
            await self._app(scope, receive, send)
        else:
            await self._answer(verdict, scope["path"], send)

    async def _answer(self, verdict: Verdict, path: str, send: Send) -> None:
        headers, body = self._refuse(verdict.status, verdict.code, verdict.message, path)
        length = (b"content-length", str(len(body)).encode())
        kept = [header for header in headers if header[0].lower() != length[0]]
        await send({"type": "http.response.start", "status": verdict.status, "headers": [*kept, length]})
        await send({"type": "http.response.body", "body": body})


async def _preflight(headers: Headers, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
