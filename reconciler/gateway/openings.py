"""How a conversation begins: what tells one of a client's from its others where the client names none.

A chat is sent whole each time, so each of its requests begins as the first one did. What counts is who says it and the
text, up to and including the first message of the user: other members, and marks for caches, change from turn to turn.
"""

import json
import re
from hashlib import blake2b
from itertools import chain

from reconciler.gateway.telemetry import OPENING
from reconciler.json_types import JsonValue
from reconciler.resources.resource import ResourceKey
from reconciler.store.traffic_sessions import DERIVED

LENGTH = OPENING
"""So much of a body is looked at. A conversation whose first messages are longer has no name."""

_MESSAGES = {
    "chat": re.compile(r'"messages"[ \t\n\r]*:[ \t\n\r]*\['),
    "messages": re.compile(r'"messages"[ \t\n\r]*:[ \t\n\r]*\['),
    "responses": re.compile(r'"input"[ \t\n\r]*:[ \t\n\r]*\['),
}
"""By the endpoint's label. In JSON a quotation mark within a text is escaped: this is a member's name, or a text alone."""
_BETWEEN = re.compile(r"[ \t\n\r]*,?[ \t\n\r]*")
_MOST = 64
"""Messages before the user's."""
_DIGEST = 12
_decoder = json.JSONDecoder()


def opening(endpoint: str, body: bytes) -> tuple[tuple[str, str], ...] | None:
    """(role, text) of the first messages. None where there is no conversation, or none of its user so far in the body."""
    messages = _MESSAGES.get(endpoint)
    if messages is None:
        return None
    text = body[:LENGTH].decode(errors="replace")
    found = messages.search(text)
    said: list[tuple[str, str]] = []
    at = found.end() if found is not None else len(text)
    while len(said) < _MOST:
        try:
            message, at = _decoder.raw_decode(text, _after(text, at))
        except (ValueError, RecursionError):
            return None
        role = message.get("role") if isinstance(message, dict) else None
        said.append((str(role), _text(message.get("content")) if isinstance(message, dict) else ""))
        if role == "user":
            return tuple(said)
    return None


def session_name(key: bytes, client: ResourceKey, said: tuple[tuple[str, str], ...]) -> str:
    """Never that of another client's conversation. Without the `key` nobody can try which texts lead to it."""
    told = [part.encode("utf-8", "surrogatepass") for part in (client.namespace, client.name, *chain(*said))]
    named = b"".join(
        [b"%d:%b" % (len(part), part) for part in told]
    )  # so that no two lists of parts read alike
    hashed = blake2b(named, digest_size=_DIGEST, key=key)
    return DERIVED + hashed.hexdigest()


def _after(text: str, at: int) -> int:
    between = _BETWEEN.match(text, at)
    return between.end() if between is not None else at


def _text(content: JsonValue) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    parts = [part for part in content if isinstance(part, dict)]
    return "\n".join(text for part in parts if isinstance(text := part.get("text"), str))
