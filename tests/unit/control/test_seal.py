from collections.abc import Mapping, Sequence
from dataclasses import replace

from fakes.states import stored
from fakes.workshop import CIPHER, model, remote, secret

from reconciler.control.seal import (
    UNKNOWN,
    Sealer,
    literal_of,
    place_of,
    sealed_id,
    sealed_text,
    secrets_of,
    wants_a_key,
)
from reconciler.json_types import JsonValue, value_at
from reconciler.resources.resource import Resource
from reconciler.secrets.cipher import Cipher
from reconciler.secrets.keys import Keyring, MasterKey
from reconciler.secrets.value import SecretValue
from reconciler.store.records import VaultEntry


class FakeVault:
    def __init__(self, *entries: VaultEntry) -> None:
        self.entries = {entry.id: entry for entry in entries}

    def vault_entry(self, entry_id: str) -> VaultEntry | None:
        return self.entries.get(entry_id)

    def vault_fingerprints(self, places: Sequence[str]) -> Mapping[tuple[str, str], str]:
        found = [entry for entry in self.entries.values() if entry.place in places]
        return {(entry.place, entry.fingerprint): entry.id for entry in found}


def api_key(resource: Resource) -> JsonValue:
    return value_at(resource.spec, ("config", "apiKey"))


def test_a_literal_is_replaced_and_the_original_left_alone() -> None:
    sealer = Sealer(FakeVault(), CIPHER)
    written = remote(apiKey="sk-literal", headers={"x-a": "1"})
    sealed = sealer.seal(written, None)
    (entry,) = sealer.entries.values()
    assert api_key(sealed) == {"sealed": entry.id}
    assert api_key(written) == "sk-literal"
    assert entry.place == "default/Provider/far/spec.config.apiKey"
    assert entry.id.startswith("v-")
    assert "sk-literal" not in repr(sealer.entries)
    known = Sealer(FakeVault(entry), CIPHER)
    assert api_key(known.seal(written, None)) == {"sealed": entry.id}
    assert known.entries == {}


def test_what_holds_no_literal_is_the_same_object() -> None:
    sealer = Sealer(FakeVault(), CIPHER)
    for resource in (model(), remote(), remote(apiKey={"valueFrom": {"env": "A_API_KEY"}})):
        assert sealer.seal(resource, None) is resource
    assert (sealer.entries, sealer.problems) == ({}, [])


def test_every_entry_of_a_secret_has_its_own_place() -> None:
    sealer = Sealer(FakeVault(), CIPHER)
    sealer.seal(secret(ONE="a", TWO="a"), None)
    assert sorted(entry.place for entry in sealer.entries.values()) == [
        "default/Secret/keys/spec.data.ONE",
        "default/Secret/keys/spec.data.TWO",
    ]


def test_without_a_key_a_stored_value_may_be_the_same_and_a_new_one_can_not_be_kept() -> None:
    sealer = Sealer(FakeVault(), None)
    live = stored(remote(apiKey={"sealed": "v-1"}))
    assert api_key(sealer.seal(remote(apiKey="sk"), live)) == {"sealed": "v-1"}
    field = (live.key, "spec.config.apiKey")
    assert (sealer.unknown, sealer.unsealed) == ({field}, {field})
    other = Sealer(FakeVault(), None)
    assert api_key(other.seal(remote(apiKey="sk"), stored(remote()))) == {"sealed": UNKNOWN}
    assert (other.unknown, other.unsealed) == (set(), {field})


def test_a_sealed_value_is_checked_for_store_and_place() -> None:
    entry = VaultEntry("v-1", "default/Provider/far/spec.config.apiKey", b"", "f", "k")
    sealer = Sealer(FakeVault(entry), CIPHER)
    sealer.seal(remote(apiKey={"sealed": "v-1"}), None)
    assert sealer.problems == []
    sealer.seal(remote("thief", apiKey={"sealed": "v-1"}), None)
    sealer.seal(remote(apiKey={"sealed": "v-2"}), None)
    assert [(str(problem.key), problem.field, problem.message) for problem in sealer.problems] == [
        (
            "Provider/thief",
            ("spec", "config", "apiKey"),
            "names a sealed value that belongs to another place",
        ),
        ("Provider/far", ("spec", "config", "apiKey"), "names a sealed value that this store does not hold"),
    ]


def test_where_a_secret_lives_and_what_it_holds() -> None:
    assert str(place_of(remote().key, ("config", "apiKey"))) == "default/Provider/far/spec.config.apiKey"
    forms: list[JsonValue] = ["a", {"value": "b"}, {"value": 1}, {"sealed": "v-1"}, {"sealed": 1}, None]
    assert [literal_of(written) for written in forms] == ["a", "b", None, None, None, None]
    assert [sealed_id(written) for written in forms] == [None, None, None, "v-1", None, None]
    assert [*secrets_of(remote(apiKey="a"))] == [(("config", "apiKey"), "a")]
    assert [*secrets_of(model(description="a"))] == []


def test_a_text_that_is_sealed_for_its_place_stays_as_it_is_written() -> None:
    text = text_for("far")
    written = remote(apiKey={"sealed": text})
    sealer = Sealer(FakeVault(), CIPHER)
    assert sealer.seal(written, None) is written
    assert (sealer.problems, sealer.entries) == ([], {})
    assert sealed_text(api_key(written)) == text
    assert sealed_id(api_key(written)) is None
    assert sealed_text({"sealed": "v-1"}) is None


def test_one_that_is_sealed_for_another_place_or_router_is_refused_in_words() -> None:
    other = Cipher(Keyring([MasterKey(bytes(32))]))
    for text, cipher, words in (
        (text_for("other"), CIPHER, "sealed for another place"),
        (text_for("far"), other, "the keys at hand open what is sealed to"),
        (text_for("far")[:60], None, "damaged"),
    ):
        sealer = Sealer(FakeVault(), cipher)
        sealer.seal(remote(apiKey={"sealed": text}), None)
        (problem,) = sealer.problems
        assert words in problem.message
        assert "seal" in problem.hint
        assert problem.field == ("spec", "config", "apiKey")


def test_without_a_key_its_form_is_enough_and_what_is_stored_was_looked_at() -> None:
    written = remote(apiKey={"sealed": text_for("other")})
    for cipher, live in ((None, None), (CIPHER, stored(written))):
        sealer = Sealer(FakeVault(), cipher)
        sealer.seal(written, live)
        assert sealer.problems == []


def test_a_value_under_an_older_key_keeps_its_id_while_the_key_is_rotated() -> None:
    first = Sealer(FakeVault(), CIPHER)
    live = stored(first.seal(remote(apiKey="sk-literal"), None))
    vault = FakeVault(*first.entries.values())
    rotating = Cipher(Keyring([MasterKey(bytes(32)), MasterKey(bytes(range(32)))]))
    for literal, same in (("sk-literal", True), ("sk-other", False)):
        sealer = Sealer(vault, rotating)
        sealed = sealer.seal(remote(apiKey=literal), live)
        assert (api_key(sealed) == api_key(live.resource), sealer.entries == {}) == (same, same)
    (entry,) = vault.entries.values()
    damaged = FakeVault(replace(entry, ciphertext=b"damaged"))
    assert Sealer(damaged, rotating).seal(remote(apiKey="sk-literal"), live) != live.resource


def text_for(provider: str) -> str:
    place = place_of(remote(provider).key, ("config", "apiKey"))
    return CIPHER.public_key.seal(place, SecretValue("sk-sealed"))


def test_when_a_key_may_be_made() -> None:
    sealed_one = remote(apiKey={"sealed": text_for("far")})
    assert wants_a_key([model(), remote(apiKey="sk-1")])
    assert not wants_a_key([model(), remote(apiKey={"valueFrom": {"env": "A_API_KEY"}})])
    assert not wants_a_key([remote("near", apiKey="sk-1"), sealed_one])
