"""Keeping credentials out of what others said: those that the gateway sends, however spelled, and what looks like one.

The one way for bodies that are recorded and for errors of upstreams that are passed on. Reasons that the gateway gives
itself are in its own words, and need none.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from reconciler.provider_types.base import Endpoint, Headers
from reconciler.snapshot.model import Snapshot, Upstream

_MASK = b"***"
_SHORTEST = 8
"""What is shorter can't be told from words."""

_CARRYING = frozenset({"api-key", "authorization", "bx-umidtoken", "x-api-key", "x-goog-api-key"})

_TOKEN = b"eyJ"
_LOOKS_SECRET = re.compile(
    rb"(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}"  # OpenAI, Anthropic and many alike
    rb"|gh[oprsu]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}"
    rb"|AKIA[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,}|hf_[A-Za-z0-9]{20,}|xox[abps]-[A-Za-z0-9-]{10,}"
    rb"|eyJ[A-Za-z0-9_-]{8,}+(?P<token>\.eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]+)?+"  # a JSON Web Token
    rb"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    re.DOTALL,
)
_BEARER = re.compile(rb"(?i)(\bbearer\s+)[A-Za-z0-9._~+/=-]{8,}")
_NAMED = re.compile(
    rb"(?i)([?&;](?:api[_-]?key|key|access[_-]?token|token|auth|password|secret|sig|signature)=)[^&\s\"'<>\\#]{4,}"
    rb"|((?<![A-Za-z0-9-])(?:proxy-authorization|authorization|x-goog-api-key|x-api-key|api-key)\"?[ \t]{0,8}:[ \t]{0,8}\"?"
    rb"(?:basic |bearer |token )?)[^\s\"',;{\[*\\]{8,}"
)
"""What stands behind the name of a credential, in a URL or as a header."""
_USERINFO = re.compile(rb"(://)[^\s/@:?#\"]{0,256}:[^\s/@?#\"]{1,256}@")
_PART = 12
_LONG = 24
"""A key so long can be known by its first and last characters, and some upstreams repeat just those."""


class Masks:
    """`known` are credentials, as they are."""

    def __init__(self, known: Iterable[str]) -> None:
        spelled = {each for value in known if len(value) >= _SHORTEST for each in _spellings(value)}
        longest_first = sorted(spelled, key=lambda spelling: (-len(spelling), spelling))
        self._known = re.compile(b"|".join(map(re.escape, longest_first))) if spelled else None

    @classmethod
    def of(cls, snapshots: Iterable[Snapshot]) -> "Masks":
        """With the credentials of all upstreams: a request that began before a key was changed has the old one."""
        upstreams = {upstream for snapshot in snapshots for upstream in snapshot.upstreams.values()}
        return cls({value for upstream in upstreams for value in _credentials(upstream)})

    def masked(self, body: bytes) -> bytes:
        if self._known is not None:
            body = self._known.sub(_MASK, body)
        body = _BEARER.sub(rb"\1***", _LOOKS_SECRET.sub(_masked, body))
        return _USERINFO.sub(rb"\1***@", _NAMED.sub(rb"\1\2***", body))


def _masked(found: re.Match[bytes]) -> bytes:
    """What only begins as a token is passed over as a whole: to look into it again at each place would take for ever."""
    return found[0] if found["token"] is None and found[0].startswith(_TOKEN) else _MASK


def credentials_of(headers: Headers) -> Iterator[str]:
    """Those that a request with these headers carries, as far as they can be told from words."""
    for name, value in headers:
        if name in _CARRYING and len(credential := value.removeprefix("Bearer ")) >= _SHORTEST:
            yield credential
        elif name == "cookie":
            values = (cookie.partition("=")[2] for cookie in value.split("; "))
            yield from (each for each in values if len(each) >= _SHORTEST)


def _credentials(upstream: Upstream) -> Iterator[str]:
    """By both kinds of requests: an adapter that translates refuses an empty body before it writes any header."""
    adapter = upstream.adapter
    for request in (adapter.encode(Endpoint.CHAT, b"{}", ()), adapter.probe(None)):
        yield from credentials_of(request.headers)


def _spellings(value: str) -> Iterator[bytes]:
    """As it is, as JSON and URLs write it, in base64, and the parts that tell it."""
    escaped = json.dumps(value)[1:-1]
    plain = value.encode("latin-1", "replace")
    yield from (plain, escaped.encode(), escaped.replace("/", "\\/").encode())
    yield from (quote(value, safe="").encode(), quote(value).encode(), quote_plus(value).encode())
    for encoded in (base64.b64encode(plain), base64.urlsafe_b64encode(plain)):
        yield encoded.rstrip(b"=")
    if len(value) >= _LONG:
        yield from (plain[:_PART], plain[-_PART:])
