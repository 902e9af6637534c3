"""A literal secret goes to the vault; what is shown, compared and refused without ever showing it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.store import vault_ids
from fakes.workshop import CIPHER, Workshop, remote, secret

from reconciler.control.manifest.document import InvalidManifests
from reconciler.control.plan.fields import field_changes
from reconciler.errors import SecretError
from reconciler.json_types import value_at
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.secrets.cipher import Cipher, Place
from reconciler.secrets.keys import Keyring, MasterKey

FAR = ResourceKey("Provider", "default", "far")
PLACE = Place("default", "Provider", "far", "spec.config.apiKey")


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def sealed(shop: Workshop, key: ResourceKey = FAR) -> str:
    found = value_at(shop.stored(key).resource.spec, ("config", "apiKey", "sealed"))
    assert isinstance(found, str)
    return found


def test_a_literal_is_sealed_and_opens_at_its_place(shop: Workshop) -> None:
    shop.write("a.yaml", remote(apiKey="sk-literal"))
    shop.apply()
    entry = shop.reader.vault_entry(sealed(shop))
    assert entry is not None
    assert entry.place == str(PLACE)
    assert CIPHER.open(PLACE, entry.ciphertext, entry.key_id).reveal() == "sk-literal"


def test_the_same_value_keeps_its_id_and_another_gets_a_new_one(shop: Workshop) -> None:
    shop.write("a.yaml", remote(apiKey="sk-one"))
    shop.apply()
    first = sealed(shop)
    proposal = shop.propose()
    assert (proposal.plan.edits, proposal.entries) == ((), {})
    shop.write("a.yaml", remote(apiKey="sk-two"))
    shop.apply()
    second = sealed(shop)
    shop.write("a.yaml", remote(apiKey="sk-one"))
    shop.apply()
    assert sealed(shop) == first != second
    assert vault_ids(shop.store) == [first, second]


def test_the_same_value_at_two_places_is_two_entries(shop: Workshop) -> None:
    shop.write("a.yaml", remote(apiKey="sk-one"), remote("near", apiKey="sk-one"))
    shop.apply()
    assert sealed(shop) != sealed(shop, ResourceKey("Provider", "default", "near"))


def test_what_is_shown_of_a_secret_is_that_it_changed(shop: Workshop) -> None:
    shop.write("a.yaml", remote(apiKey="sk-one"), secret(ONE="sk-three"))
    shop.apply()
    shop.write("a.yaml", remote(apiKey="sk-two"), secret(ONE="sk-four", TWO="sk-five"))
    plan = shop.propose().plan
    fields = [field for change in plan.changes for field in field_changes(change)]
    assert [(field.field, field.old, field.new, field.secret) for field in fields] == [
        ("spec.data.ONE", "(sealed)", "(sealed)", True),
        ("spec.data.TWO", None, "(sealed)", True),
        ("spec.config.apiKey", "(sealed)", "(sealed)", True),
    ]
    assert "sk-" not in repr(plan)


def test_without_the_key_a_comparison_is_unknown_and_an_apply_is_refused(shop: Workshop) -> None:
    shop.write("a.yaml", remote(apiKey="sk-one"))
    shop.apply()
    shop.cipher = None
    shop.write("a.yaml", remote(apiKey="sk-two"), remote("near", apiKey="sk-new"))
    proposal = shop.propose()
    near = ResourceKey("Provider", "default", "near")
    assert proposal.unknown == {(FAR, "spec.config.apiKey")}
    assert proposal.unsealed == {(FAR, "spec.config.apiKey"), (near, "spec.config.apiKey")}
    with pytest.raises(SecretError, match="there is no encryption key") as caught:
        shop.apply()
    assert caught.value.exit_code == 5
    assert "Provider/far spec.config.apiKey, Provider/near spec.config.apiKey" in str(caught.value)
    assert "sk-" not in str(caught.value)
    assert (shop.reader.head(), len(vault_ids(shop.store))) == (1, 1)
    with pytest.raises(SecretError):
        shop.dry_run()


def test_without_the_key_what_holds_no_literal_still_applies(shop: Workshop) -> None:
    shop.write("a.yaml", remote(apiKey="sk-one"))
    shop.apply()
    shop.cipher = None
    shop.write("a.yaml", remote("near", apiKey={"valueFrom": {"env": "NEAR_API_KEY"}}))
    assert shop.apply().revision.number == 2


def test_another_key_seals_anew_and_overwrites_nothing(shop: Workshop) -> None:
    shop.write("a.yaml", remote(apiKey="sk-one"))
    shop.apply()
    first = sealed(shop)
    before = shop.reader.vault_entry(first)
    shop.cipher = Cipher(Keyring([MasterKey(bytes(range(32, 64)))]))
    shop.apply()
    assert sealed(shop) != first
    assert shop.reader.vault_entry(first) == before


def test_a_sealed_value_is_taken_back_at_its_own_place_alone(shop: Workshop) -> None:
    shop.write("a.yaml", remote(apiKey="sk-one"))
    shop.apply()
    own = {"sealed": sealed(shop)}
    shop.write("a.yaml", remote(apiKey=own))
    assert shop.propose().plan.edits == ()
    shop.write("b.yaml", remote("thief", host="thief.example", apiKey=own))
    with pytest.raises(InvalidManifests) as caught:
        shop.apply()
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"{shop.folder}/b.yaml:1:")
    assert (str(problem.key), problem.field) == ("Provider/thief", "spec.config.apiKey")
    assert problem.message == "names a sealed value that belongs to another place"
    shop.write("b.yaml", remote("thief", apiKey={"sealed": "v-of-another-store"}))
    with pytest.raises(InvalidManifests, match="this store does not hold"):
        shop.apply()
    assert shop.reader.head() == 1


def test_no_secret_is_in_any_file_of_the_store(shop: Workshop) -> None:
    shop.write("a.yaml", remote(apiKey="sk-canary-1"), secret(ONE="sk-canary-2"))
    shop.apply()
    shop.write("a.yaml", remote(apiKey="sk-canary-3"), secret(ONE="sk-canary-2"))
    shop.apply()
    shop.rollback(1)
    files = [file for file in shop.root.iterdir() if file.name.startswith("store")]
    assert files
    assert all(b"sk-canary" not in file.read_bytes() for file in files)
    assert "sk-canary" not in shop.export()
    events = [repr(event) for event in shop.reader.events()]
    assert "sk-canary" not in json.dumps(events)


def test_a_rollback_brings_the_old_value_back(shop: Workshop) -> None:
    shop.write("a.yaml", remote(apiKey="sk-one"))
    shop.apply()
    first = sealed(shop)
    shop.write("a.yaml", remote(apiKey="sk-two"))
    shop.apply()
    shop.rollback(1)
    assert sealed(shop) == first


def test_a_rollback_of_a_literal_holds(shop: Workshop) -> None:
    """What is declared is compared by the vault's id: the same value is the same declaration."""
    shop.write("a.yaml", remote(apiKey="sk-one"))
    shop.reconcile()
    shop.write("a.yaml", remote(apiKey="sk-two"))
    shop.reconcile()
    shop.rollback(1)
    assert [each.key for each in shop.reconcile().held] == [FAR]
    shop.write("a.yaml", remote(apiKey="sk-three"))
    assert shop.reconcile().held == ()


def test_what_is_broken_beside_a_secret_is_told_in_one_message(shop: Workshop) -> None:
    bad = remote(apiKey={"valueFrom": {"secret": {"name": "keys", "key": "TWO"}}})
    shop.write(
        "a.yaml", bad, secret(ONE="x"), replace(secret("more"), spec={"data": {"A": {"sealed": "v-1"}}})
    )
    with pytest.raises(InvalidManifests) as caught:
        shop.apply()
    assert [(str(problem.key), problem.field) for problem in caught.value.problems] == [
        ("Provider/far", "spec.config.apiKey"),
        ("Secret/more", "spec.data.A"),
    ]
    assert isinstance(bad, Resource)
