"""Keeping the gateway's own credential from clients: some upstreams repeat the one that they were sent."""

from typing import Final

from reconciler.gateway.masking import Masks, credentials_of
from reconciler.provider_types.base import UpstreamRequest

_SHORTEST: Final = 8
"""What is shorter can't be told from words."""
_WITHOUT: Final = frozenset(
    {
        "application/json",
        "application/json; charset=utf-8",
        "text/event-stream",
        "text/event-stream; charset=utf-8",
    }
)
"""What nearly every answer says, and no credential stands in."""


def masked(said: bytes, request: UpstreamRequest) -> bytes:
    """What an upstream said, without the credential that `request` carried to it, and without what looks like one."""
    return Masks(credentials_of(request.headers)).masked(said)


def repeated(value: str, request: UpstreamRequest) -> bool:
    """Whether a header's value holds the credential that `request` carried."""
    if len(value) < _SHORTEST or value in _WITHOUT:
        return False
    return any(credential in value for credential in credentials_of(request.headers))
