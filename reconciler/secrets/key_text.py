"""Keys that we give out: `<prefix>-<id>-<secret>`. What is kept is the id, to find them by, and a hash of the whole text.

The secret has 256 random bits, so the hash needs no salt and no stretching: there is nothing to guess.
"""

import hashlib
import hmac
import re
import secrets
import string
from dataclasses import dataclass, field

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_ID_LENGTH = 12
_SECRET_LENGTH = 43
_SECRET_BITS = 256
_TEXT = re.compile(
    rf"(?P<prefix>[a-z]{{2}})-(?P<id>[0-9A-Za-z]{{{_ID_LENGTH}}})-[0-9A-Za-z]{{{_SECRET_LENGTH}}}"
)
_NOBODY = "sha256:" + "0" * 64


@dataclass(frozen=True, slots=True)
class KeyText:
    """`text` is shown once, and kept nowhere. `hash` is `sha256:` and the hexadecimal digits of its SHA-256."""

    id: str
    text: str = field(repr=False)

    @property
    def hash(self) -> str:
        return hash_of(self.text)


def mint(prefix: str) -> KeyText:
    """A new one. `prefix` are two small letters."""
    key_id = "".join(secrets.choice(_DIGITS) for _ in range(_ID_LENGTH))
    return KeyText(key_id, f"{prefix}-{key_id}-{_written(secrets.randbits(_SECRET_BITS))}")


def id_in(text: str, prefix: str) -> str | None:
    """The id by which a key is looked up; None for what is none of this prefix."""
    match = _TEXT.fullmatch(text)
    return match["id"] if match is not None and match["prefix"] == prefix else None


def hash_of(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def is_of(text: str, hashed: str | None) -> bool:
    """Whether the hash is that of all of `text`; None: of nobody, which takes as long to find out."""
    same = hmac.compare_digest(hash_of(text).encode(), (hashed or _NOBODY).encode())
    return same and hashed is not None


def _written(number: int) -> str:
    text = ""
    for _ in range(_SECRET_LENGTH):
        number, digit = divmod(number, len(_DIGITS))
        text = _DIGITS[digit] + text
    return text
