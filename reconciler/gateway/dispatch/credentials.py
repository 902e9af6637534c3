"""Keeping the gateway's own credential from clients: some upstreams repeat the one that they were sent."""

import json

from reconciler.provider_types.base import UpstreamRequest

_HEADERS = frozenset({"api-key", "authorization", "x-api-key", "x-goog-api-key"})
_SHORTEST = 8
"""What is shorter can't be told from words."""
_MASK = b"***"
_WITHOUT = frozenset(
    {
        "application/json",
        "application/json; charset=utf-8",
        "text/event-stream",
        "text/event-stream; charset=utf-8",
    }
)
"""What nearly every answer says, and no credential stands in."""


def masked(said: bytes, request: UpstreamRequest) -> bytes:
    """What an upstream said, without the credential that `request` carried to it, as it is or escaped in JSON."""
    for credential in _credentials(request):
        escaped = json.dumps(credential)[1:-1]
        for spelling in (credential, escaped, escaped.replace("/", "\\/")):
            said = said.replace(spelling.encode("latin-1"), _MASK)
    return said


def repeated(value: str, request: UpstreamRequest) -> bool:
    """Whether a header's value holds the credential that `request` carried."""
    if len(value) < _SHORTEST or value in _WITHOUT:
        return False
    return any(credential in value for credential in _credentials(request))


def _credentials(request: UpstreamRequest) -> list[str]:
    return [
        credential
        for name, value in request.headers
        if name in _HEADERS and len(credential := value.removeprefix("Bearer ")) >= _SHORTEST
    ]
