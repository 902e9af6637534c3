from collections.abc import Mapping, Sequence

from fakes.states import stored
from fakes.workshop import CIPHER, model, remote, secret

from reconciler.control.seal import UNKNOWN, Sealer, literal_of, place_of, sealed_id, secrets_of
from reconciler.json_types import JsonValue, value_at
from reconciler.resources.resource import Resource
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
