"""Keeping credentials out of bodies that are recorded: those that the gateway sends, and what looks like one."""

import json
import re
from collections.abc import Iterable

from reconciler.provider_types.base import Endpoint
from reconciler.snapshot.model import Snapshot, Upstream

_MASK = b"***"
_SHORTEST = 8
"""What is shorter can't be told from words."""

_CARRYING = frozenset({"api-key", "authorization", "x-api-key", "x-goog-api-key"})

_LOOKS_SECRET = re.compile(
    rb"(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}"  # OpenAI, Anthropic and many alike
    rb"|gh[oprsu]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}"
    rb"|AKIA[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,}|hf_[A-Za-z0-9]{20,}|xox[abps]-[A-Za-z0-9-]{10,}"
    rb"|eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+"  # a JSON Web Token
    rb"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    re.DOTALL,
)
_BEARER = re.compile(rb"(?i)(\bbearer\s+)[A-Za-z0-9._~+/=-]{8,}")


class Masks:
    """`known` are credentials, as they are."""

    def __init__(self, known: Iterable[str]) -> None:
        spelled = {
            spelling.encode("latin-1", "replace")
            for value in known
            if len(value) >= _SHORTEST
            for escaped in [json.dumps(value)[1:-1]]
            for spelling in (value, escaped, escaped.replace("/", "\\/"))
        }
        longest_first = sorted(spelled, key=lambda spelling: (-len(spelling), spelling))
        self._known = re.compile(b"|".join(map(re.escape, longest_first))) if spelled else None

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Masks":
        """With the credentials of all upstreams."""
        return cls({value for upstream in snapshot.upstreams.values() for value in _credentials(upstream)})

    def masked(self, body: bytes) -> bytes:
        if self._known is not None:
            body = self._known.sub(_MASK, body)
        return _BEARER.sub(rb"\1***", _LOOKS_SECRET.sub(_MASK, body))


def _credentials(upstream: Upstream) -> set[str]:
    """Those that a request to it carries."""
    request = upstream.adapter.encode(Endpoint.CHAT, b"{}", ())
    return {value.removeprefix("Bearer ") for name, value in request.headers if name.lower() in _CARRYING}
