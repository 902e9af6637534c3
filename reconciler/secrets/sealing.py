"""Seals a value to the router's public key, so that a manifest which holds it can be committed.

`s1-` and, as URL-safe base64 without padding: the id of the public key (8 bytes), the scope (1 byte), and what HPKE
(RFC 9180: DHKEM X25519, HKDF-SHA256, ChaCha20-Poly1305) makes of the value. HPKE's info is all that stands before and
the place, as far as the scope binds to it: a token that is changed by a bit, or copied elsewhere, does not open.

The private key is derived from the master key, so there is nothing more to store, to back up or to lose.
"""

import base64
import binascii
import hashlib
from enum import IntEnum
from typing import NamedTuple, final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from reconciler.errors import InvalidInput, SecretError
from reconciler.secrets.keys import Keyring, MasterKey
from reconciler.secrets.place import Place, packed
from reconciler.secrets.value import SecretValue

SEALED_PREFIX = "s1-"
PUBLIC_KEY_PREFIX = "pk1-"
LARGEST_VALUE = 64 * 1024
"""Bytes of a value that can be sealed."""

_USE = b"routerctl sealing key v1"
_INFO = b"routerctl s1"
_KEY_BYTES = 32
_ID_BYTES = 8
_HEADER_BYTES = _ID_BYTES + 1
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_SEAL_IT = "seal the value anew, for this place and this router: routerctl secret seal"


class Scope(IntEnum):
    """What a sealed value is bound to. The number stands in the token, so it never changes."""

    STRICT = 0
    NAMESPACE = 1
    CLUSTER = 2


@final
class PublicKey:
    """Seals, and opens nothing. It is no secret."""

    __slots__ = ("_bytes", "_key", "id")

    def __init__(self, key: bytes) -> None:
        self._bytes = key
        self._key = X25519PublicKey.from_public_bytes(key)
        self.id = hashlib.sha256(key).digest()[:_ID_BYTES].hex()

    @classmethod
    def parse(cls, text: str) -> "PublicKey":
        """The one line that `secret public-key` prints. Raises InvalidInput."""
        key = _bytes_of(text.strip(), PUBLIC_KEY_PREFIX)
        if key is None or len(key) != _KEY_BYTES:
            raise InvalidInput(
                "this is no public key of a router",
                hint=f"give what routerctl secret public-key prints ({PUBLIC_KEY_PREFIX}...)",
            )
        return cls(key)

    def text(self) -> str:
        return _text_of(PUBLIC_KEY_PREFIX, self._bytes)

    def seal(self, place: Place, value: SecretValue, scope: Scope = Scope.STRICT) -> str:
        """The text that may be committed. Raises InvalidInput for a value that is empty or too large."""
        plain = value.reveal().encode()
        if not plain or len(plain) > LARGEST_VALUE:
            raise InvalidInput(
                "the value is empty" if not plain else "the value is too large to be sealed",
                hint=f"a value has 1 byte to {LARGEST_VALUE // 1024} KiB",
            )
        header = bytes.fromhex(self.id) + bytes([scope])
        try:
            return _text_of(SEALED_PREFIX, header + _SUITE.encrypt(plain, self._key, _info(header, place)))
        except ValueError:  # a point that leads nowhere
            raise InvalidInput("nothing can be sealed to this public key", hint="print it anew") from None

    def __repr__(self) -> str:
        return f"<PublicKey {self.id}>"


class SealedText(NamedTuple):
    """What a token tells everybody; `content` is HPKE's."""

    key_id: str
    scope: Scope
    content: bytes

    @classmethod
    def parse(cls, text: str) -> "SealedText":
        """Raises InvalidInput, which repeats nothing of `text`."""
        token = _bytes_of(text, SEALED_PREFIX)
        if token is None or len(token) <= _HEADER_BYTES or token[_ID_BYTES] not in [*Scope]:
            raise InvalidInput("a sealed value is damaged, or was cut", hint="seal it again")
        return cls(token[:_ID_BYTES].hex(), Scope(token[_ID_BYTES]), token[_HEADER_BYTES:])

    @property
    def header(self) -> bytes:
        return bytes.fromhex(self.key_id) + bytes([self.scope])


@final
class SealingKeys:
    """The private halves, derived from the keys at hand."""

    def __init__(self, keyring: Keyring) -> None:
        pairs = [_private(key) for key in keyring.keys]
        publics = [PublicKey(pair.public_key().public_bytes_raw()) for pair in pairs]
        self.current = publics[0]
        self._private = {public.id: pair for public, pair in zip(publics, pairs, strict=True)}

    def open(self, place: Place, text: str) -> SecretValue:
        """Raises InvalidInput for what is no sealed value, and SecretError, which names the place, for one that does
        not open there.
        """
        sealed = SealedText.parse(text)
        private = self._private.get(sealed.key_id)
        if private is None:
            raise SecretError(
                f"the value of {place} is sealed to the public key {sealed.key_id}, and the keys at hand open what "
                f"is sealed to {', '.join(self._private)}",
                hint=f"{_SEAL_IT}; or give the key that it was sealed to, behind the current one",
            )
        try:
            plain = _SUITE.decrypt(sealed.content, private, _info(sealed.header, place))
            return SecretValue(plain.decode())
        except (InvalidTag, ValueError):
            raise SecretError(
                f"the sealed value of {place} does not open: it was sealed for another place, or is damaged",
                hint=_SEAL_IT,
            ) from None

    def __repr__(self) -> str:
        return f"<SealingKeys {', '.join(self._private)}>"


def _private(master: MasterKey) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(master.derive(_USE, length=_KEY_BYTES))


def _info(header: bytes, place: Place) -> bytes:
    bound = {Scope.STRICT: place, Scope.NAMESPACE: (place.namespace,), Scope.CLUSTER: ()}
    return _INFO + header + packed(bound[Scope(header[-1])])


def _text_of(prefix: str, content: bytes) -> str:
    return prefix + base64.urlsafe_b64encode(content).decode("ascii").rstrip("=")


def _bytes_of(text: str, prefix: str) -> bytes | None:
    """None for what is not exactly what `_text_of` writes: each content has one text."""
    if not text.startswith(prefix):
        return None
    body = text.removeprefix(prefix)
    try:
        content = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return content if _text_of(prefix, content) == text else None
