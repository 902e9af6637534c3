"""What an upstream's failure means, and what to do, in plain words. Nothing that it said itself is repeated but masked."""

import json
import re
from collections.abc import Iterable
from typing import NamedTuple

from reconciler.bootstrap.upstreams.asking import Reply
from reconciler.control.manifest.printable import printable
from reconciler.gateway.masking import Masks
from reconciler.gateway.transport.base import Failure
from reconciler.provider_types.base import Endpoint, UpstreamRequest
from reconciler.snapshot.model import Upstream

_WELL_KNOWN = frozenset(
    {"accept", "anthropic-version", "content-length", "content-type", "host", "user-agent"}
)
_LONGEST = 300

_HINTS = (
    ("does not resolve", "check the host in baseURL: no name server knows it; or is a VPN or a proxy needed?"),
    ("certificate was refused", "its authority is not trusted here, or it is for another host: config.tls.caFile names one's own"),
    ("TLS could not be agreed on", "does it speak https at all? Try http:// in baseURL, or another port"),
    ("connection refused", "nothing listens there: is it started, and is the port right?"),
    ("no route to host", "the network does not lead there: check the address, and the network between"),
    ("network is unreachable", "the network does not lead there: check the address, and the network between"),
    ("could not connect in time", "nothing answers there: check the address, and firewalls between"),
    ("too large", "what answers there is probably no such server: check baseURL"),
)  # fmt: skip


class Meaning(NamedTuple):
    message: str
    hint: str


def failed(reply: Reply) -> Meaning:
    """Of a reply with a failure."""
    if reply.failure is Failure.EGRESS:
        return Meaning(f"may not be reached: {reply.reason}", "")
    if reply.failure is Failure.TIMEOUT and "connect" not in reply.reason:
        return Meaning(
            reply.reason,
            "it runs and is busy, or something between swallows requests: try again, or give it longer",
        )
    hint = next(
        (advice for words, advice in _HINTS if words in reply.reason),
        "check baseURL, and the network between",
    )
    return Meaning(reply.reason, hint)


def unauthorised(reply: Reply, *, keyed: bool) -> Meaning:
    if not keyed:
        return Meaning(
            f"it wants a key (status {reply.status}), and the Provider has none", "give it a config.apiKey"
        )
    if reply.status == 403:
        return Meaning(
            "the key is refused (status 403)", "it may lack a permission, or be for another region or project"
        )
    return Meaning(
        "the key is refused (status 401)", "it is wrong, expired or revoked: give the Provider another apiKey"
    )


def of_status(reply: Reply, masks: Masks) -> str:
    """The status, and what the upstream says of it."""
    said = _said(reply, masks)
    return f"status {reply.status}" + (f": {said}" if said else "")


def _said(reply: Reply, masks: Masks) -> str:
    """The message of an error, masked, on one line."""
    try:
        told = json.loads(reply.body[:65_536])
    except (ValueError, RecursionError):
        return ""
    error = told.get("error", told) if isinstance(told, dict) else told
    message = error.get("message", error.get("detail")) if isinstance(error, dict) else error
    if not isinstance(message, str):
        return ""
    masked = masks.masked(message.encode("utf-8", "replace")).decode("utf-8", "replace")
    return shortened(masked)


def shortened(text: str) -> str:
    """On one line, printable, and not endless."""
    line = printable(re.sub(r"\s+", " ", text[: 4 * _LONGEST]).strip())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."


def sent_values(requests: Iterable[UpstreamRequest]) -> frozenset[str]:
    """All that their headers hold that may be a credential, whatever the header is called."""
    found: set[str] = set()
    for request in requests:
        for name, value in request.headers:
            if name not in _WELL_KNOWN:
                found |= {value, value.removeprefix("Bearer "), *re.split(r"[;,=\s]+", value)}
    return frozenset(found)


def masks_of(upstream: Upstream) -> Masks:
    adapter = upstream.adapter
    return Masks(sent_values((adapter.probe(None), adapter.encode(Endpoint.CHAT, b"{}"))))
