import pytest

from reconciler.control.manifest.round_trip.literals import Literals
from reconciler.control.seal import place_of
from reconciler.json_types import JsonValue
from reconciler.resources.resource import ResourceKey
from reconciler.secrets.cipher import Cipher
from reconciler.secrets.keys import Keyring, MasterKey
from reconciler.secrets.value import SecretValue
from reconciler.store.records import VaultEntry

KEY = ResourceKey("Provider", "default", "p")
PATH = ("config", "apiKey")
OLD, NEW = MasterKey(bytes(32)), MasterKey(bytes(range(32)))
SEALED: JsonValue = {"sealed": "v-1"}


def entry(key: MasterKey = NEW) -> VaultEntry:
    place = place_of(KEY, PATH)
    sealed = Cipher(Keyring([key])).seal(place, SecretValue("sk-1"))
    return VaultEntry("v-1", str(place), sealed.ciphertext, sealed.fingerprint, sealed.key_id)


def literals(*keys: MasterKey, sealed_with: MasterKey = NEW) -> Literals:
    vault = {"v-1": entry(sealed_with)}
    return Literals(vault.get, Cipher(Keyring(keys)) if keys else None)


@pytest.mark.parametrize("sealed_with", [NEW, OLD])
def test_the_value_decides(sealed_with: MasterKey) -> None:
    here = literals(NEW, OLD, sealed_with=sealed_with)
    assert here.stands(KEY, PATH, "sk-1", SEALED)
    assert not here.stands(KEY, PATH, "sk-2", SEALED)
    assert here.unknown == set()


@pytest.mark.parametrize("keys", [(), (NEW,)])
def test_without_its_key_it_is_left_and_told(keys: tuple[MasterKey, ...]) -> None:
    here = literals(*keys, sealed_with=OLD)
    assert here.stands(KEY, PATH, "sk-2", SEALED)
    assert here.unknown == {(KEY, ("spec", *PATH))}


@pytest.mark.parametrize("stored", [None, {"valueFrom": {"env": "A_TOKEN"}}, {"sealed": "v-2"}])
def test_what_the_store_does_not_hold_sealed_is_another_value(stored: JsonValue) -> None:
    here = literals(NEW)
    assert not here.stands(KEY, PATH, "sk-1", stored)
    assert here.unknown == set()
