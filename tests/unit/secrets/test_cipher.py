import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import SecretError
from reconciler.secrets.cipher import Cipher, Place
from reconciler.secrets.keys import Keyring, MasterKey
from reconciler.secrets.value import SecretValue

OLD = MasterKey(bytes(range(32)))
NEW = MasterKey(bytes(range(32, 64)))
PLACE = Place("default", "Provider", "openai", "spec.config.apiKey")
CANARY = SecretValue("sk-canary-1f7e9a")

texts = st.text(st.characters(exclude_categories=["Cs"]))
places = st.builds(Place, texts, texts, texts, texts)


def test_a_sealed_value_opens_at_its_place() -> None:
    cipher = Cipher(Keyring([NEW]))
    sealed = cipher.seal(PLACE, CANARY)
    assert sealed.key_id == NEW.id
    assert cipher.open(PLACE, sealed.ciphertext, sealed.key_id) == CANARY


@given(places, texts)
def test_any_value_at_any_place(place: Place, text: str) -> None:
    cipher = Cipher(Keyring([NEW]))
    sealed = cipher.seal(place, SecretValue(text))
    assert cipher.open(place, sealed.ciphertext, sealed.key_id).reveal() == text


@pytest.mark.parametrize(
    "other",
    [
        PLACE._replace(namespace="team"),
        PLACE._replace(kind="Secret"),
        PLACE._replace(name="openai2"),
        PLACE._replace(field="spec.config.headers"),
        Place("default", "Provider", "openaispec", ".config.apiKey"),
        Place("defaultP", "rovider", "openai", "spec.config.apiKey"),
    ],
)
def test_it_opens_nowhere_else(other: Place) -> None:
    cipher = Cipher(Keyring([NEW]))
    sealed = cipher.seal(PLACE, CANARY)
    with pytest.raises(SecretError) as caught:
        cipher.open(other, sealed.ciphertext, sealed.key_id)
    message = str(caught.value)
    assert str(other) in message
    assert NEW.id in message
    assert "another place" in message
    assert "canary" not in message


def test_it_does_not_open_with_another_key() -> None:
    sealed = Cipher(Keyring([OLD])).seal(PLACE, CANARY)
    with pytest.raises(SecretError, match="does not open"):
        Cipher(Keyring([NEW])).open(PLACE, sealed.ciphertext, NEW.id)


def test_an_unknown_key_is_named() -> None:
    sealed = Cipher(Keyring([OLD])).seal(PLACE, CANARY)
    with pytest.raises(SecretError) as caught:
        Cipher(Keyring([NEW])).open(PLACE, sealed.ciphertext, sealed.key_id)
    assert f"with the key {OLD.id}, which is not at hand" in caught.value.message
    assert f"at hand: {NEW.id}" in str(caught.value.hint)


@pytest.mark.parametrize("damage", [b"", b"x", b"\xff" * 100])
def test_damage_is_noticed(damage: bytes) -> None:
    with pytest.raises(SecretError, match="or is damaged"):
        Cipher(Keyring([NEW])).open(PLACE, damage, NEW.id)


def test_older_keys_still_open_and_the_newest_seals() -> None:
    sealed = Cipher(Keyring([OLD])).seal(PLACE, CANARY)
    both = Cipher(Keyring([NEW, OLD]))
    assert both.open(PLACE, sealed.ciphertext, sealed.key_id) == CANARY
    assert both.seal(PLACE, CANARY).key_id == NEW.id
    assert both.key_ids == (NEW.id, OLD.id)


def test_a_fingerprint_tells_equal_values_apart_from_others() -> None:
    cipher = Cipher(Keyring([NEW]))
    fingerprint = cipher.seal(PLACE, CANARY).fingerprint
    assert fingerprint == cipher.fingerprint(PLACE, SecretValue(CANARY.reveal()))
    assert fingerprint != cipher.fingerprint(PLACE, SecretValue("other"))
    assert fingerprint != cipher.fingerprint(PLACE._replace(name="other"), CANARY)
    assert fingerprint != Cipher(Keyring([OLD])).fingerprint(PLACE, CANARY)


def test_a_fingerprint_has_its_form() -> None:
    fingerprint = Cipher(Keyring([OLD])).fingerprint(PLACE, CANARY)
    prefix, digest = fingerprint.split("-")
    assert prefix == "f1"
    assert len(bytes.fromhex(digest)) == 16


@given(places, places, texts, texts)
def test_no_two_places_and_values_are_mixed_up(one: Place, other: Place, left: str, right: str) -> None:
    cipher = Cipher(Keyring([OLD]))
    same = (one, left) == (other, right)
    assert (
        cipher.fingerprint(one, SecretValue(left)) == cipher.fingerprint(other, SecretValue(right))
    ) is same


def test_nothing_that_is_kept_shows_the_value() -> None:
    cipher = Cipher(Keyring([NEW]))
    kept = repr((cipher, cipher.seal(PLACE, CANARY)))
    plain = CANARY.reveal()
    for form in (plain, base64.b64encode(plain.encode()).decode(), plain[:12], plain[-12:], NEW.text()):
        assert form not in kept
    assert repr(cipher) == f"<Cipher {NEW.id}>"


def test_two_seals_of_one_value_differ() -> None:
    cipher = Cipher(Keyring([NEW]))
    assert cipher.seal(PLACE, CANARY).ciphertext != cipher.seal(PLACE, CANARY).ciphertext


def test_a_place_reads_as_a_path() -> None:
    assert str(PLACE) == "default/Provider/openai/spec.config.apiKey"


def test_what_is_sealed_to_its_public_key_opens() -> None:
    cipher = Cipher(Keyring([MasterKey(bytes(32))]))
    text = cipher.public_key.seal(Place("n", "K", "x", "f"), SecretValue("value"))
    assert cipher.open_text(Place("n", "K", "x", "f"), text).reveal() == "value"
    with pytest.raises(SecretError, match="another place"):
        cipher.open_text(Place("n", "K", "y", "f"), text)
