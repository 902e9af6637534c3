"""Whose key came with a request. Only headers are looked at: what stands in a URL is written to logs everywhere."""

from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest
from time import time
from typing import Final

from reconciler.protocol.errors import OpenAIError, key_missing, key_refused
from reconciler.snapshot.clients import KEY_LENGTH, Credential

_AUTHORIZATION: Final = b"authorization"
_API_KEY: Final = b"x-api-key"
_SCHEME: Final = b"Bearer "
_BEGIN: Final = len(_SCHEME)


def credential_of(fields: Mapping[bytes, bytes], known: Mapping[bytes, Credential]) -> Credential | None:
    """The key that came with a request, if it is one that is accepted now. `fields` are headers by lower-case name.

    Found by its id, then compared whole: its SHA-256, in constant time. Two keys that differ are none.
    """
    given, key = fields.get(_AUTHORIZATION), fields.get(_API_KEY)
    if given is not None:
        if given[:_BEGIN] != _SCHEME or (key is not None and key != given[_BEGIN:]):
            return None
        key = given[_BEGIN:]
    if key is None or len(key) != KEY_LENGTH:
        return None
    digest, found = sha256(key).digest(), known.get(key[3:15])
    if found is None or not compare_digest(found.digest, digest) or time() >= found.until:
        return None
    return found


def why_refused(fields: Mapping[bytes, bytes]) -> OpenAIError:
    """For a request of which `credential_of` finds nothing."""
    return key_refused() if _AUTHORIZATION in fields or _API_KEY in fields else key_missing()
