"""Signatures of messages, as Standard Webhooks has them: HMAC-SHA256 over id, time and body."""

import base64
import binascii
import hashlib
import hmac

from reconciler.errors import SecretError
from reconciler.secrets.value import SecretValue

PREFIX = "whsec_"
_SHORTEST = 16


def signature(secret: SecretValue, message: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`. Raises SecretError for a secret that nothing should be signed with."""
    signed = f"{message}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode()}"


def _key(secret: SecretValue) -> bytes:
    text = secret.reveal()
    if text.startswith(PREFIX):
        try:
            key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            raise SecretError(
                f"what follows {PREFIX} in the secret of the webhook is no base64",
                hint="give it as the receiver shows it, or a text without that beginning",
            ) from None
    else:
        key = text.encode()
    if len(key) < _SHORTEST:
        raise SecretError(
            f"the secret of the webhook is shorter than {_SHORTEST} bytes",
            hint="make one with: openssl rand -base64 32",
        )
    return key
