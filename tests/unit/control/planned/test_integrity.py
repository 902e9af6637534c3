from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.kept import plan
from fakes.workshop import CIPHER, Workshop, remote, simulator

from reconciler.control.plan.artefact import Artefact
from reconciler.control.plan.model import Action, Change
from reconciler.control.planned.integrity import check
from reconciler.errors import InvalidInput, SecretError
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.secrets.cipher import Cipher, Place
from reconciler.secrets.keys import Keyring, MasterKey
from reconciler.secrets.value import SecretValue
from reconciler.store.records import VaultEntry


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path)
    yield made
    made.close()


@pytest.fixture
def kept(shop: Workshop) -> Artefact:
    """It creates a provider with a sealed key."""
    shop.write("a.yaml", remote(apiKey="sk-canary"))
    return plan(shop)


def forged(kept: Artefact, **fields: object) -> Artefact:
    (change,) = kept.plan.changes
    return replace(kept, plan=replace(kept.plan, changes=(replace(change, **fields),)))  # type: ignore[arg-type]  # any field


def refused(kept: Artefact, shop: Workshop) -> str:
    with pytest.raises(InvalidInput) as error:
        check(kept, shop.reader, shop.cipher)
    assert "sk-canary" not in str(error.value)
    return error.value.message.splitlines()[-1].strip()


def after_of(kept: Artefact) -> Resource:
    after = kept.plan.changes[0].after
    assert after is not None
    return after


def with_config(kept: Artefact, **config: object) -> Artefact:
    after = after_of(kept)
    old = after.spec["config"]
    assert isinstance(old, dict)
    return forged(kept, after=replace(after, spec={**after.spec, "config": {**old, **config}}))  # type: ignore[dict-item]  # JSON


def test_a_plan_that_was_made_passes(shop: Workshop, kept: Artefact) -> None:
    check(kept, shop.reader, shop.cipher)


def test_a_spec_that_no_manifest_could_hold(shop: Workshop, kept: Artefact) -> None:
    assert refused(with_config(kept, baseURL="nowhere"), shop).endswith("is not valid")
    after = after_of(kept)
    assert refused(forged(kept, after=replace(after, labels={"": "x"})), shop).endswith("is not valid")


def test_a_kind_or_name_that_there_is_not(shop: Workshop, kept: Artefact) -> None:
    for key, words in (
        (ResourceKey("Zzz", "default", "far"), "unknown kind"),
        (ResourceKey("Provider", "default", "?"), "name is not valid"),
    ):
        after = replace(after_of(kept), key=key)
        assert words in refused(forged(kept, key=key, after=after), shop)


def test_an_action_that_does_not_fit(shop: Workshop, kept: Artefact) -> None:
    for action in (Action.UPDATE, Action.DELETE):
        assert "does not fit" in refused(forged(kept, action=action), shop)


def test_a_secret_in_plain_text(shop: Workshop, kept: Artefact) -> None:
    told = refused(with_config(kept, apiKey="sk-canary"), shop)
    assert told == "Provider/far: spec.config.apiKey is a secret in plain text"


def test_fields_that_nobody_declares(shop: Workshop, kept: Artefact) -> None:
    assert "its fields are not those that its managers declare" in refused(
        forged(kept, managed_fields=()), shop
    )
    after = after_of(kept)
    assert "its fields are not those" in refused(
        forged(kept, after=replace(after, spec={**after.spec, "priority": 7})), shop
    )
    (manager,) = kept.plan.changes[0].managed_fields
    assert "its fields are not those" in refused(
        forged(kept, managed_fields=(replace(manager, fields={"f:spec": {"f:zzz": {}}}),)), shop
    )


def test_a_resource_that_stands_twice(shop: Workshop, kept: Artefact) -> None:
    (change,) = kept.plan.changes
    assert "stands twice" in refused(replace(kept, plan=replace(kept.plan, claims=(change,))), shop)


def test_a_sealed_value_that_nobody_holds_or_of_another_place(shop: Workshop, kept: Artefact) -> None:
    assert "neither the plan nor this store holds" in refused(replace(kept, seals=()), shop)
    (entry,) = kept.seals
    other = replace(entry, place="default/Provider/other/spec.config.apiKey")
    assert "belongs to another place" in refused(replace(kept, seals=(other,)), shop)


def test_a_sealed_value_that_the_store_holds_already(shop: Workshop, kept: Artefact) -> None:
    shop.apply()
    change = plan(shop).plan.changes
    assert change == ()
    stored = shop.stored(after_of(kept).key)
    update = Change(Action.UPDATE, stored.key, stored, stored.resource, stored.managed_fields)
    check(replace(kept, seals=(), plan=replace(kept.plan, changes=(update,))), shop.reader, None)


def test_a_value_that_was_exchanged_does_not_open(shop: Workshop, kept: Artefact) -> None:
    (entry,) = kept.seals
    sealed = CIPHER.seal(Place("default", "Provider", "far", "spec.config.apiKey"), SecretValue("sk-other"))
    exchanged = replace(kept, seals=(replace(entry, ciphertext=sealed.ciphertext),))
    assert "the fingerprint of" in refused(exchanged, shop)
    elsewhere = CIPHER.seal(Place("default", "Provider", "x", "spec.config.apiKey"), SecretValue("sk-other"))
    with pytest.raises(SecretError, match="does not open"):
        check(replace(kept, seals=(replace(entry, ciphertext=elsewhere.ciphertext),)), shop.reader, CIPHER)


def test_another_key_than_the_stores(shop: Workshop, kept: Artefact) -> None:
    other = Cipher(Keyring([MasterKey(bytes(32))]))
    for cipher in (other, None):
        with pytest.raises(SecretError, match="which is not this store's"):
            check(kept, shop.reader, cipher)


class Holding:
    """A vault with one entry, whose key is at hand elsewhere."""

    def __init__(self, entry: VaultEntry) -> None:
        self.entry = entry

    def vault_entry(self, entry_id: str) -> VaultEntry | None:
        return self.entry if entry_id == self.entry.id else None

    def key_ids(self) -> frozenset[str]:
        return frozenset({self.entry.key_id})


def test_without_the_key_a_value_of_the_stores_key_is_taken_as_it_is(kept: Artefact) -> None:
    (entry,) = kept.seals
    check(kept, Holding(replace(entry, id="v-other")), None)


def test_a_name_in_the_vault_means_one_value(kept: Artefact) -> None:
    (entry,) = kept.seals
    with pytest.raises(InvalidInput, match="another sealed value by the name"):
        check(kept, Holding(replace(entry, ciphertext=b"other")), CIPHER)


def test_a_seal_that_nobody_names_needs_a_place(shop: Workshop, kept: Artefact) -> None:
    (entry,) = kept.seals
    loose = replace(entry, id="v-loose", place="nowhere")
    assert "has no place" in refused(replace(kept, seals=(entry, loose)), shop)


def test_a_delete_has_nothing_to_check(shop: Workshop) -> None:
    shop.write("a.yaml", simulator("keep"), simulator())
    shop.apply()
    shop.write("a.yaml", simulator("keep"))
    check(plan(shop, prune=True), shop.reader, shop.cipher)


def test_a_mark_that_was_not_there(shop: Workshop, kept: Artefact) -> None:
    after = replace(after_of(kept), finalizers=("f",), deletion_timestamp="2026-01-01T00:00:00Z")
    with pytest.raises(InvalidInput, match=r"metadata\.deletionTimestamp is not as it was"):
        check(forged(kept, after=after), shop.reader, shop.cipher)


def test_a_new_finalizer_of_what_is_being_deleted(shop: Workshop, kept: Artefact) -> None:
    marked = replace(after_of(kept), finalizers=("f",), deletion_timestamp="t")
    before = StoredResource(marked, "u", 1, 1, "t", 1)
    after = replace(marked, finalizers=("f", "g"))
    told = refused(forged(kept, action=Action.UPDATE, before=before, after=after), shop)
    assert "its fields are not those that its managers declare" in told
    with pytest.raises(InvalidInput, match="g is a new finalizer of what is being deleted"):
        check(forged(kept, action=Action.UPDATE, before=before, after=after), shop.reader, shop.cipher)
