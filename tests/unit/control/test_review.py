from pathlib import Path

import pytest
from fakes.night import patched
from fakes.workshop import PROVIDER, Workshop, binding, model, remote, simulator, text_of, workshop

from reconciler.clock import timestamp
from reconciler.control.nothing import NoRecords
from reconciler.control.outcome import Broken
from reconciler.control.proposal import propose
from reconciler.control.review import Dependent, Review, review_now, review_of
from reconciler.control.rollback import difference
from reconciler.resources.resource import Resource, ResourceKey

MODEL, BINDING = ResourceKey("Model", "default", "m"), ResourceKey("Binding", "default", "b")
SETTINGS = Resource(ResourceKey("Settings", "default", "default"), {"defaultModel": "alias"})
SERVED = (simulator(), model(aliases=["alias"]), binding("b", "m", "sim"))


def reviewed(shop: Workshop, *, prune: bool = False) -> Review:
    want = shop.wanted(prune=prune)
    now = timestamp(shop.clock.now())
    return review_of(propose(want, shop.reader, shop.cipher, now=now, stranding=True), want, shop.reader)


def elsewhere(shop: Workshop, *resources: Resource) -> Path:
    path = shop.root / "other.yaml"
    path.write_text(text_of(resources))
    return path


def test_no_difference_is_looked_at_no_further() -> None:
    with workshop() as shop:
        shop.write("a.yaml", *SERVED)
        shop.apply()
        review = reviewed(shop)
        assert review == Review(review.plan, frozenset())
        assert not review.differs


def test_what_is_new_has_an_impact_and_no_drift() -> None:
    with workshop() as shop:
        shop.write("a.yaml", *SERVED)
        review = reviewed(shop)
        assert review.impact.counts() == {"gained-model": 1, "appeared-name": 2}
        assert (review.drift, review.dependents, review.differs) == ((), {}, True)


def test_a_conflict_has_its_drift() -> None:
    with workshop() as shop:
        shop.write("a.yaml", simulator(text="day"))
        shop.apply()
        patched(shop, {"config": {"text": "night"}})
        review = reviewed(shop)
        assert [drift.field for drift in review.drift] == ["spec.config.text"]
        assert review.plan.empty
        assert review.differs


def test_what_depends_on_a_deletion_is_named_with_its_source() -> None:
    with workshop() as shop:
        shop.write("a.yaml", *SERVED)
        shop.apply()
        shop.apply(elsewhere(shop, SETTINGS), source="other")
        shop.write("a.yaml", simulator())
        review = reviewed(shop, prune=True)
        source = shop.stored(PROVIDER).source
        assert review.dependents == {
            MODEL: (
                Dependent(BINDING, source, stranded=False),
                Dependent(SETTINGS.key, "other", stranded=True),
            )
        }


def test_what_would_be_stranded_can_be_shown_and_not_be_applied() -> None:
    with workshop() as shop:
        shop.write("a.yaml", simulator(), model("other"))
        shop.apply()
        shop.apply(elsewhere(shop, model(), binding("b", "m", "sim")), source="other")
        shop.write("a.yaml", model("other"))
        assert reviewed(shop, prune=True).dependents == {
            PROVIDER: (Dependent(BINDING, "other", stranded=True),)
        }
        with pytest.raises(Broken) as caught:
            shop.apply(prune=True)
        assert str(caught.value) == (
            "error: Binding/b: spec.provider: refers to Provider/sim, which would be deleted; "
            "Binding/b belongs to other: change it there first, or keep Provider/sim"
        )


def test_what_the_plan_changes_is_not_stranded() -> None:
    with workshop() as shop:
        shop.write("a.yaml", simulator(), simulator("new"), model(), binding("b", "m", "sim"))
        shop.apply()
        shop.write("a.yaml", simulator("new"), model(), binding("b", "m", "new"))
        review = reviewed(shop, prune=True)
        assert [item.stranded for item in review.dependents[PROVIDER]] == [False]


def test_secrets_have_short_fingerprints_that_tell_equal_from_different() -> None:
    def marks(shop: Workshop, value: str) -> set[str]:
        shop.write("a.yaml", remote(apiKey=value))
        return {*reviewed(shop).fingerprints.values()}

    with workshop() as shop:
        first = marks(shop, "sk-canary-1")
        shop.apply()
        second = marks(shop, "sk-canary-2")
        shop.apply()
        assert [len(mark) for mark in first | second] == [8, 8]
        assert marks(shop, "sk-canary-1") == first
        back = review_now(difference(shop.reader.state(), shop.reader.state_at(1)), shop.reader)
        assert {*back.fingerprints.values()} == first


def test_before_there_is_a_store_everything_is_new() -> None:
    with workshop() as shop:
        shop.write("a.yaml", *SERVED)
        want, records = shop.wanted(), NoRecords()
        review = review_of(propose(want, records, None, now="t"), want, records)
        assert review.impact.counts()["gained-model"] == 1


def test_after_a_renaming_the_old_name_counts_as_the_source() -> None:
    with workshop() as shop:
        shop.write("a.yaml", simulator(text="day"))
        shop.apply()
        patched(shop, {"config": {"text": "night"}})
        (shop.folder / "routerctl.yaml").write_text("source: github.com/acme/routing\n")
        assert [drift.field for drift in reviewed(shop).drift] == ["spec.config.text"]
