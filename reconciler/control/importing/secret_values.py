"""What stands in a field for a secret: written for an import, and compared with the source."""

from collections.abc import Mapping

from reconciler.control.importing.findings import FoundSecret
from reconciler.control.seal import Vault, place_of, sealed_id, sealed_text
from reconciler.errors import InvalidInput, SecretError
from reconciler.json_types import JsonValue, value_at
from reconciler.secrets.cipher import Cipher
from reconciler.secrets.place import Place
from reconciler.secrets.sealing import PublicKey
from reconciler.secrets.value import SecretValue


class Sealing:
    """Seals to a public key. A value that an earlier import sealed, and that opens here, keeps its text."""

    def __init__(self, public: PublicKey, cipher: Cipher | None, earlier: Mapping[str, str]) -> None:
        """earlier: place → sealed text."""
        self._public, self._cipher, self._earlier = public, cipher, earlier

    def __call__(self, place: Place, value: SecretValue) -> JsonValue:
        text = self._earlier.get(str(place))
        if text is not None and self._cipher is not None and _opened(self._cipher, place, text) == value:
            return {"sealed": text}
        return {"sealed": self._public.seal(place, value)}


class Opening:
    """Whether what stands in a field is the secret that the source holds; None where that can't be told here."""

    def __init__(self, environ: Mapping[str, str], cipher: Cipher | None, vault: Vault | None) -> None:
        self._environ, self._cipher, self._vault = environ, cipher, vault

    def __call__(self, secret: FoundSecret, written: JsonValue) -> bool | None:
        variable = value_at(written, ("valueFrom", "env"))
        if isinstance(variable, str):
            value = self._environ.get(variable)
            return variable == secret.variable if value is None else SecretValue(value) == secret.value
        if secret.key is None or self._cipher is None:
            return None
        place = place_of(secret.key, secret.path)
        text, identity = sealed_text(written), sealed_id(written)
        if text is not None:
            return _opened(self._cipher, place, text) == secret.value
        entry = (
            self._vault.vault_entry(identity) if self._vault is not None and identity is not None else None
        )
        if entry is None:
            return None
        try:
            return self._cipher.open(place, entry.ciphertext, entry.key_id) == secret.value
        except SecretError:
            return None


def _opened(cipher: Cipher, place: Place, text: str) -> SecretValue | None:
    try:
        return cipher.open_text(place, text)
    except (SecretError, InvalidInput):
        return None
