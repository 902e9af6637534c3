from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fakes.importing import key

from reconciler.control.importing.findings import FoundSecret
from reconciler.control.importing.secret_values import Opening, Sealing
from reconciler.control.seal import place_of, sealed_text
from reconciler.json_types import JsonValue
from reconciler.secrets.cipher import Cipher
from reconciler.secrets.keys import Keyring, MasterKey
from reconciler.secrets.value import SecretValue
from reconciler.store.records import VaultEntry

PATH = ("config", "apiKey")
PLACE = place_of(key("Provider", "p"), PATH)
VALUE = SecretValue("s3cret")
SECRET = FoundSecret("f", "KEY", VALUE, key("Provider", "p"), PATH, "P_API_KEY")
CIPHER, OTHER = (Cipher(Keyring([MasterKey.generate()])) for _ in range(2))


@dataclass(frozen=True)
class OneEntry:
    entry: VaultEntry

    def vault_entry(self, entry_id: str) -> VaultEntry | None:
        return self.entry if entry_id == self.entry.id else None

    def vault_fingerprints(self, places: Sequence[str]) -> Mapping[tuple[str, str], str]:
        raise AssertionError(places)


def held(value: SecretValue) -> OneEntry:
    sealed = CIPHER.seal(PLACE, value)
    return OneEntry(VaultEntry("v-1", str(PLACE), sealed.ciphertext, sealed.fingerprint, sealed.key_id))


def test_a_value_is_sealed_once() -> None:
    first = sealed_text(Sealing(CIPHER.public_key, CIPHER, {})(PLACE, VALUE))
    assert first is not None
    assert CIPHER.open_text(PLACE, first) == VALUE
    again = Sealing(CIPHER.public_key, CIPHER, {str(PLACE): first})
    assert again(PLACE, VALUE) == {"sealed": first}
    assert again(PLACE, SecretValue("new")) != {"sealed": first}
    assert Sealing(CIPHER.public_key, OTHER, {str(PLACE): first})(PLACE, VALUE) != {"sealed": first}
    assert Sealing(CIPHER.public_key, None, {str(PLACE): first})(PLACE, VALUE) != {"sealed": first}


def opened(
    written: JsonValue, cipher: Cipher | None = CIPHER, vault: OneEntry | None = None, **environ: str
) -> bool | None:
    return Opening(environ, cipher, vault)(SECRET, written)


def test_a_variable_is_asked_where_it_is_set() -> None:
    assert opened({"valueFrom": {"env": "P_API_KEY"}}) is True
    assert opened({"valueFrom": {"env": "OTHER"}}) is False
    assert opened({"valueFrom": {"env": "OTHER"}}, OTHER="s3cret") is True
    assert opened({"valueFrom": {"env": "P_API_KEY"}}, P_API_KEY="x") is False


def test_what_is_sealed_is_opened_where_that_is_possible() -> None:
    text = CIPHER.public_key.seal(PLACE, VALUE)
    assert opened({"sealed": text}) is True
    assert opened({"sealed": CIPHER.public_key.seal(PLACE, SecretValue("x"))}) is False
    assert opened({"sealed": text}, None) is None
    assert opened({"sealed": "v-1"}, vault=held(VALUE)) is True
    assert opened({"sealed": "v-1"}, vault=held(SecretValue("x"))) is False
    assert opened({"sealed": "v-2"}, vault=held(VALUE)) is None
    assert opened({"sealed": "v-1"}, OTHER, vault=held(VALUE)) is None
    assert opened({"sealed": "v-1"}) is None
