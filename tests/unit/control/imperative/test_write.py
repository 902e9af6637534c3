from pathlib import Path

import pytest
from fakes.by_hand import ADA, BY_HAND, changed, merged, owned, spec, written
from fakes.workshop import PROVIDER, Workshop, binding, model, remote, simulator, workshop

from reconciler.clock import timestamp
from reconciler.control.guards import PROTECTED
from reconciler.control.imperative.rewriting import Rewrite
from reconciler.control.imperative.write import Writing, rehearse, write
from reconciler.control.manifest.document import InvalidManifests
from reconciler.control.proposal import Proposal
from reconciler.errors import NotFound, Refused, SecretError
from reconciler.json_types import JsonObject, value_at
from reconciler.resources.resource import ResourceKey

MODEL = ResourceKey("Model", "default", "m")
BINDING = ResourceKey("Binding", "default", "b")
FAR = ResourceKey("Provider", "default", "far")


def rehearsed(shop: Workshop, rewrite: Rewrite, key: ResourceKey, *, new_key: bool = False) -> Proposal:
    now = timestamp(shop.clock.now())
    return rehearse(Writing({key: rewrite}, ADA), shop.reader, shop.cipher, now=now, new_key=new_key)


def test_a_change_is_one_revision_that_says_by_whom_how_and_why() -> None:
    with workshop() as shop:
        shop.write("a.yaml", simulator(), model())
        shop.apply()
        done = written(shop, {PROVIDER: spec(priority=3), MODEL: spec(displayName="M")})
        revision = shop.reader.revision(2)
        assert (done.revision, done.attempts) == (revision, 1)
        assert (revision.actor, revision.operation, revision.message) == ("ada", "patch", "at night")
        assert (revision.source, len(shop.reader.events(2))) == (None, 2)
        assert owned(shop.stored())[ADA] == {"spec.priority"}
        assert shop.stored().source is not None


def test_nothing_is_written_where_nothing_changes() -> None:
    with workshop() as shop:
        shop.write("a.yaml", simulator())
        shop.apply()
        before = shop.stored()
        done = written(shop, {PROVIDER: spec(enabled=True)})
        assert (done.proposal.plan.empty, done.revision.number, shop.stored()) == (True, 1, before)


def test_it_is_made_anew_from_what_somebody_else_committed_in_between() -> None:
    with workshop() as shop:
        shop.write("a.yaml", simulator())
        shop.apply()
        seen: list[object] = []

        def rewrite(whole: JsonObject) -> JsonObject:
            seen.append(value_at(whole, ("spec", "priority")))
            if len(seen) == 1:
                changed(shop, spec(priority=5), manager="cli:bob")
            found = spec(description="mine")(whole)
            assert isinstance(found, dict)
            return found

        done = written(shop, {PROVIDER: rewrite})
        assert (seen, done.attempts, done.revision.number) == ([0, 5], 2, 3)
        assert owned(shop.stored())["cli:bob"] == {"spec.priority"}
        assert shop.stored().resource.spec["priority"] == 5


def test_all_or_nothing() -> None:
    with workshop() as shop:
        shop.write("a.yaml", simulator(), model())
        shop.apply()
        gone = ResourceKey("Model", "default", "gone")
        for rewrites in ({MODEL: None, gone: None}, {MODEL: None, PROVIDER: spec(enbled=True)}):
            with pytest.raises((NotFound, InvalidManifests)):
                written(shop, rewrites)
        assert shop.reader.head() == 1


def test_what_would_dangle_names_who_refers() -> None:
    with workshop() as shop:
        shop.write("a.yaml", simulator(), model(), binding("b", "m", "sim"))
        shop.apply()
        with pytest.raises(
            InvalidManifests, match=r"Binding/b: spec\.model: refers to Model/m, which would be deleted"
        ):
            written(shop, {MODEL: None})
        with pytest.raises(
            InvalidManifests, match=r"Binding/b: spec\.model: refers to Model/z, which does not exist"
        ):
            written(shop, {BINDING: spec(model="z")})
        written(shop, {MODEL: None, BINDING: None})
        assert [event.key for event in shop.reader.events(2)] == [BINDING, MODEL]


def test_what_is_protected_is_not_deleted() -> None:
    with workshop() as shop:
        shop.write("a.yaml", model())
        shop.apply()
        changed(shop, merged({"metadata": {"annotations": {PROTECTED: "true"}}}), MODEL)
        with pytest.raises(Refused, match="protected from being deleted: Model/m"):
            written(shop, {MODEL: None})
        changed(shop, merged({"metadata": {"annotations": None}}), MODEL)
        written(shop, {MODEL: None})
        assert shop.reader.get(MODEL) is None


def test_a_literal_secret_goes_to_the_vault() -> None:
    with workshop() as shop:
        shop.write("a.yaml", remote())
        shop.apply()
        stored = changed(shop, spec(config={"apiKey": "sk-very-secret"}), FAR)
        entry_id = value_at(stored.resource.spec, ("config", "apiKey", "sealed"))
        assert isinstance(entry_id, str)
        assert shop.reader.vault_entry(entry_id) is not None
        again = written(shop, {FAR: spec(config={"apiKey": "sk-very-secret"})})
        assert again.proposal.plan.empty


def test_a_sealed_value_belongs_to_its_place(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.write("a.yaml", remote(apiKey="sk-1"), remote("other"))
    shop.apply()
    sealed = value_at(shop.stored(FAR).resource.spec, ("config", "apiKey"))
    other = ResourceKey("Provider", "default", "other")
    with pytest.raises(InvalidManifests, match="names a sealed value that belongs to another place"):
        written(shop, {other: merged({"spec": {"config": {"apiKey": sealed}}})})


def test_without_a_key_nothing_secret_is_written() -> None:
    with workshop(cipher=None) as shop:
        shop.write("a.yaml", remote())
        shop.apply()
        secret = spec(config={"apiKey": "sk-1"})
        with pytest.raises(
            SecretError, match=r"no encryption key to seal or compare: Provider/far spec\.config\.apiKey"
        ):
            written(shop, {FAR: secret})
        with pytest.raises(SecretError):
            rehearsed(shop, secret, FAR)
        assert not rehearsed(shop, secret, FAR, new_key=True).unsealed
        assert changed(shop, spec(priority=1), FAR).resource.spec["priority"] == 1


def test_a_rehearsal_shows_the_same_and_writes_nothing() -> None:
    with workshop() as shop:
        shop.write("a.yaml", simulator())
        shop.apply()
        shown = rehearsed(shop, spec(priority=3), PROVIDER).plan
        assert shop.reader.head() == 1
        done = write(
            Writing({PROVIDER: spec(priority=3)}, ADA),
            shop.reader,
            shop.writer,
            shop.cipher,
            shop.clock,
            BY_HAND,
        )
        assert [change.after for change in shown.changes] == [
            change.after for change in done.proposal.plan.changes
        ]
