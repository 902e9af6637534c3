"""What a resync does of a plan. What follows from it for a branch is in test_sync."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.by_hand import ADA, changed, spec, written
from fakes.workshop import PROVIDER, Workshop, simulator

from reconciler.control.plan.model import ByHand, Drifted, Plan, Resync
from reconciler.control.proposal import propose
from reconciler.control.resync import HandChanges
from reconciler.resources.resource import ResourceKey, source_manager
from reconciler.store.reader import Reader

OTHER = ResourceKey("Provider", "default", "other")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path)
    made.write("a.yaml", simulator(text="one"), simulator("other", text="other"))
    yield made
    made.close()


def planned(shop: Workshop, by_hand: ByHand) -> Plan:
    return propose(shop.wanted(resync=Resync(by_hand)), shop.reader, shop.cipher, now="t").plan


def shown(plan: Plan) -> tuple[list[ResourceKey], list[ResourceKey], list[ResourceKey]]:
    return (
        [change.key for change in plan.changes],
        [item.key for item in plan.healed],
        [item.key for item in plan.drift],
    )


def test_what_is_owned_and_what_was_deleted_is_taken_back_or_left(shop: Workshop) -> None:
    shop.apply()
    changed(shop, spec(config={"text": "at night"}))
    written(shop, {OTHER: None})
    both = [OTHER, PROVIDER]
    changes, healed, drift = shown(planned(shop, ByHand.TAKEN_BACK))
    assert (sorted(changes), sorted(healed), drift) == (both, both, [])
    changes, healed, drift = shown(planned(shop, ByHand.LEFT))
    assert (changes, healed, sorted(drift)) == ([], [], both)
    assert shown(planned(shop, ByHand.LEFT_WHERE_OWNED)) == ([OTHER], [], [PROVIDER])


def test_an_apply_is_told_of_a_conflict_as_ever(shop: Workshop) -> None:
    shop.apply()
    changed(shop, spec(config={"text": "at night"}))
    plan = shop.propose().plan
    assert ([conflict.key for conflict in plan.conflicts], plan.by_hand) == ([PROVIDER], ())


def test_what_a_rollback_holds_is_neither_taken_back_nor_called_drift(shop: Workshop) -> None:
    shop.apply()
    shop.write("a.yaml", simulator(text="two"), simulator("other", text="other"))
    shop.apply()
    shop.rollback(1)
    changed(shop, spec(config={"text": "at night"}))
    for by_hand in ByHand:
        plan = planned(shop, by_hand)
        assert (shown(plan), [held.key for held in plan.held]) == (([], [], []), [PROVIDER])


def test_in_an_empty_store_nobody_has_changed_anything(shop: Workshop) -> None:
    assert len(planned(shop, ByHand.LEFT).changes) == 2


class _Counting:
    """Fits resync.History. Counts what is looked at closely."""

    def __init__(self, reader: Reader) -> None:
        self.get = reader.get
        self.revision = reader.revision
        self.looked = 0
        self._reader = reader

    def revisions_of(self, key: ResourceKey) -> Sequence[int]:
        self.looked += 1
        return self._reader.revisions_of(key)


def test_what_the_source_itself_changed_last_is_not_looked_at_closely(shop: Workshop) -> None:
    shop.apply()
    shop.write("a.yaml", simulator(text="two"), simulator("other", text="two"))
    plan = shop.propose().plan
    history = _Counting(shop.reader)
    found = HandChanges([source_manager(str(shop.folder))], history)
    assert (len(plan.changes), found.of(plan), history.looked) == (2, (), 0)
    changed(shop, spec(config={"text": None}))
    plan = shop.propose().plan
    (drifted,) = found.of(plan)
    assert isinstance(drifted.live, str)  # the default of the field
    assert replace(drifted, live=None) == Drifted(
        PROVIDER, "spec.config.text", declared="two", manager=ADA, since=shop.reader.revision(2).time
    )
    assert found.of(plan, owned=True) == ()
    assert history.looked == 1
