import base64
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import InvalidInput, SecretError
from reconciler.secrets.keys import Keyring, MasterKey
from reconciler.secrets.place import Place
from reconciler.secrets.sealing import (
    LARGEST_VALUE,
    PUBLIC_KEY_PREFIX,
    SEALED_PREFIX,
    PublicKey,
    Scope,
    SealedText,
    SealingKeys,
)
from reconciler.secrets.value import SecretValue

MASTER = MasterKey(bytes(range(32)))
KEYS = SealingKeys(Keyring([MASTER]))
PUBLIC = KEYS.current
PLACE = Place("default", "Provider", "openai", "spec.config.apiKey")
NAMES = st.text(max_size=20)
PLACES = st.builds(Place, NAMES, NAMES, NAMES, NAMES)
VALUES = st.text(min_size=1, max_size=200)


@given(PLACES, VALUES, st.sampled_from(Scope))
def test_what_is_sealed_for_a_place_opens_there(place: Place, value: str, scope: Scope) -> None:
    text = PUBLIC.seal(place, SecretValue(value), scope)
    assert KEYS.open(place, text).reveal() == value
    assert SealedText.parse(text)[:2] == (PUBLIC.id, scope)


@given(PLACES, PLACES, st.sampled_from(Scope))
def test_elsewhere_it_opens_as_far_as_its_scope_says(place: Place, other: Place, scope: Scope) -> None:
    text = PUBLIC.seal(place, SecretValue("x"), scope)
    same = {
        Scope.STRICT: place == other,
        Scope.NAMESPACE: place.namespace == other.namespace,
        Scope.CLUSTER: True,
    }
    if same[scope]:
        assert KEYS.open(other, text).reveal() == "x"
    else:
        with pytest.raises(SecretError, match="sealed for another place"):
            KEYS.open(other, text)


@pytest.mark.parametrize("part", range(4))
def test_each_part_of_a_place_counts(part: int) -> None:
    text = PUBLIC.seal(PLACE, SecretValue("x"))
    names = [*PLACE]
    names[part] += "-other"
    with pytest.raises(SecretError, match="does not open"):
        KEYS.open(Place(*names), text)


@given(st.data())
def test_a_token_with_a_bit_changed_is_refused(data: st.DataObject) -> None:
    token = bytearray(_bytes(PUBLIC.seal(PLACE, SecretValue("sk-canary"), data.draw(st.sampled_from(Scope)))))
    bit = data.draw(st.integers(0, len(token) * 8 - 1))
    token[bit // 8] ^= 1 << bit % 8
    with pytest.raises((SecretError, InvalidInput)) as refused:
        KEYS.open(PLACE, SEALED_PREFIX + base64.urlsafe_b64encode(token).decode().rstrip("="))
    assert "sk-canary" not in str(refused.value)


def test_a_wider_scope_can_not_be_written_into_a_token() -> None:
    token = bytearray(_bytes(PUBLIC.seal(PLACE, SecretValue("x"))))
    token[8] = Scope.CLUSTER
    with pytest.raises(SecretError, match="does not open"):
        KEYS.open(PLACE, SEALED_PREFIX + base64.urlsafe_b64encode(token).decode().rstrip("="))


@given(st.text(alphabet="AZaz09-_=+/ \n", max_size=120) | st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    for candidate in (text, SEALED_PREFIX + text):
        with pytest.raises((InvalidInput, SecretError)):
            KEYS.open(PLACE, candidate)


def test_each_token_has_one_text() -> None:
    text = PUBLIC.seal(PLACE, SecretValue("xx"))
    body = text.removeprefix(SEALED_PREFIX)
    assert len(body) % 4 != 0  # else the last character has no bits to spare
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    same = [text[:-1] + last for last in alphabet if _loose(body[:-1] + last) == _bytes(text)]
    assert len(same) > 1
    for other in (*(each for each in same if each != text), f"{text}=", f"{text}\n"):
        with pytest.raises(InvalidInput, match="damaged"):
            KEYS.open(PLACE, other)


def test_two_seals_of_one_value_have_nothing_in_common_but_their_head() -> None:
    one, two = (_bytes(PUBLIC.seal(PLACE, SecretValue("x" * 40))) for _ in range(2))
    assert one[:9] == two[:9]
    assert one[9:] != two[9:]
    assert len({one[start : start + 8] for start in range(9, 40)} & {bytes(8)}) == 0


def test_another_routers_token_names_its_key() -> None:
    other = SealingKeys(Keyring([MasterKey(bytes(32))]))
    text = other.current.seal(PLACE, SecretValue("x"))
    with pytest.raises(SecretError) as refused:
        KEYS.open(PLACE, text)
    message = str(refused.value)
    assert f"sealed to the public key {other.current.id}" in message
    assert f"open what is sealed to {PUBLIC.id}" in message
    assert "routerctl secret seal" in message


def test_an_older_key_opens_what_was_sealed_to_it() -> None:
    text = PUBLIC.seal(PLACE, SecretValue("x"))
    ring = SealingKeys(Keyring([MasterKey(bytes(32)), MASTER]))
    assert ring.open(PLACE, text).reveal() == "x"
    assert ring.current.id != PUBLIC.id
    assert repr(ring) == f"<SealingKeys {ring.current.id}, {PUBLIC.id}>"


def test_a_public_key_goes_through_its_text() -> None:
    again = PublicKey.parse(f" {PUBLIC.text()}\n")
    assert (again.id, again.text()) == (PUBLIC.id, PUBLIC.text())
    assert KEYS.open(PLACE, again.seal(PLACE, SecretValue("x"))).reveal() == "x"
    assert repr(again) == f"<PublicKey {PUBLIC.id}>"
    assert MASTER.text() not in PUBLIC.text()


@pytest.mark.parametrize(
    "text", ["", "pk1-", "pk1-AAAA", "pk2-" + "A" * 43, "A" * 44, "pk1-" + "é" * 43, "pk1-" + "A" * 42 + "B"]
)
def test_what_is_no_public_key(text: str) -> None:
    with pytest.raises(InvalidInput, match="no public key"):
        PublicKey.parse(text)


def test_a_point_that_leads_nowhere_seals_nothing() -> None:
    nowhere = PublicKey.parse(PUBLIC_KEY_PREFIX + "A" * 43)
    with pytest.raises(InvalidInput, match="nothing can be sealed"):
        nowhere.seal(PLACE, SecretValue("x"))


def test_how_long_a_value_may_be() -> None:
    text = PUBLIC.seal(PLACE, SecretValue("x" * LARGEST_VALUE))
    assert len(KEYS.open(PLACE, text).reveal()) == LARGEST_VALUE
    for value, words in (
        ("", "empty"),
        ("x" * (LARGEST_VALUE + 1), "too large"),
        ("é" * 40_000, "too large"),
    ):
        with pytest.raises(InvalidInput, match=words):
            PUBLIC.seal(PLACE, SecretValue(value))


def test_lengths_grow_with_the_value_alone() -> None:
    lengths = [len(_bytes(PUBLIC.seal(PLACE, SecretValue("x" * size)))) for size in range(1, 6)]
    assert [two - one for one, two in pairwise(lengths)] == [1, 1, 1, 1]


def _loose(body: str) -> bytes:
    return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))


def _bytes(text: str) -> bytes:
    return _loose(text.removeprefix(SEALED_PREFIX))
