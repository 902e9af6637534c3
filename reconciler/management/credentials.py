"""What a request to the management listener says of itself. Read here and nowhere else, and never repeated."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from reconciler.secrets.key_text import id_in

TOKEN_PREFIX = "rt"  # noqa: S105  what the text of one begins with
CLIENT_PREFIX = "rk-"
LONGEST = 8192
_BEARER = "Bearer "
_BASE64URL = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


class Kind(Enum):
    """What was sent. A CLIENT key is the data plane's, and never does anything here."""

    NONE = "none"
    TOKEN = "token"  # noqa: S105  the name of a kind
    JWT = "jwt"
    CLIENT = "client"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Credential:
    """`id` is that of a TOKEN."""

    kind: Kind
    text: str = field(default="", repr=False)
    id: str = ""


def credential(headers: Iterable[tuple[bytes, bytes]]) -> Credential:
    """Of `Authorization: Bearer ...`, which stands once or not at all. Names are in lower case."""
    headers = list(headers)
    given = [value for name, value in headers if name == b"authorization"]
    keys = [value for name, value in headers if name == b"x-api-key"]
    if any(_secret(value).startswith(CLIENT_PREFIX) for value in (*given, *keys)):
        return Credential(Kind.CLIENT)
    if not given:
        return Credential(Kind.INVALID if keys else Kind.NONE)
    text = given[0].decode("latin-1")
    if len(given) > 1 or len(text) > LONGEST or not text.startswith(_BEARER):
        return Credential(Kind.INVALID)
    return _of_text(text.removeprefix(_BEARER))


def _of_text(text: str) -> Credential:
    token_id = id_in(text, TOKEN_PREFIX)
    if token_id is not None:
        return Credential(Kind.TOKEN, text, token_id)
    parts = text.split(".")
    if len(parts) == 3 and all(parts) and _BASE64URL.issuperset(text):
        return Credential(Kind.JWT, text)
    return Credential(Kind.INVALID)


def _secret(value: bytes) -> str:
    """Whatever scheme it was sent with."""
    return value[:LONGEST].decode("latin-1").strip().rpartition(" ")[2]
