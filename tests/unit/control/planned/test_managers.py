from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.kept import plan
from fakes.workshop import Workshop, simulator

from reconciler.control.plan.artefact import Artefact
from reconciler.control.planned.managers import check_managers
from reconciler.errors import Forbidden
from reconciler.resources.resource import FieldManager
from reconciler.store.records import Hold

THEIRS = FieldManager("cli:ada", "Apply", {"f:spec": {"f:config": {"f:text": {}}}}, "2026-01-01T00:00:00Z")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path)
    yield made
    made.close()


@pytest.fixture
def kept(shop: Workshop) -> Artefact:
    """It changes one provider, and creates one."""
    shop.write("a.yaml", simulator("one", text="a"))
    shop.apply()
    shop.write("a.yaml", simulator("one", text="b"), simulator("two"))
    return plan(shop)


def forged(kept: Artefact, at: int, **fields: object) -> Artefact:
    changes = list(kept.plan.changes)
    changes[at] = replace(changes[at], **fields)  # type: ignore[arg-type]  # any field
    return replace(kept, plan=replace(kept.plan, changes=tuple(changes)))


def test_a_plan_that_was_made_passes(kept: Artefact) -> None:
    assert len(kept.plan.changes) == 2
    check_managers(kept)
    check_managers(replace(kept, plan=replace(kept.plan, claims=kept.plan.changes, changes=())))


@pytest.mark.parametrize("at", [0, 1])
def test_nobody_else_is_given_fields(kept: Artefact, at: int) -> None:
    own = kept.plan.changes[at].managed_fields
    with pytest.raises(Forbidden, match="would be managed by cli:ada"):
        check_managers(forged(kept, at, managed_fields=(*own, THEIRS)))


def test_others_may_lose_fields(kept: Artefact) -> None:
    change = next(each for each in kept.plan.changes if each.before is not None)
    assert change.before is not None
    before = replace(change.before, managed_fields=(*change.before.managed_fields, THEIRS))
    at = kept.plan.changes.index(change)
    check_managers(forged(kept, at, before=before))
    type_ = replace(THEIRS, fields={"f:spec": {"f:type": {}}})
    before = replace(change.before, managed_fields=(*change.before.managed_fields, type_))
    check_managers(forged(kept, at, before=before, managed_fields=(*change.managed_fields, type_)))


def test_nobody_keeps_a_field_that_is_another_now(kept: Artefact) -> None:
    """Else what the plan writes would stand in the name of who wrote what stood there."""
    change = next(each for each in kept.plan.changes if each.before is not None)
    assert change.before is not None
    before = replace(change.before, managed_fields=(*change.before.managed_fields, THEIRS))
    kept_up = forged(
        kept,
        kept.plan.changes.index(change),
        before=before,
        managed_fields=(*change.managed_fields, THEIRS),
    )
    with pytest.raises(Forbidden, match="would be managed by cli:ada"):
        check_managers(kept_up)


def test_a_manager_stands_once(kept: Artefact) -> None:
    """Of two entries each reader may take another one."""
    own = kept.plan.changes[0].managed_fields
    with pytest.raises(Forbidden, match="names a manager twice"):
        check_managers(forged(kept, 0, managed_fields=(*own, *own)))


def test_nothing_goes_to_another_source(kept: Artefact) -> None:
    with pytest.raises(Forbidden, match="would belong to the source git-of-others"):
        check_managers(forged(kept, 0, source="git-of-others"))
    hold = Hold(kept.plan.changes[0].key, "others", None, 1)
    with pytest.raises(Forbidden, match="is held against others"):
        check_managers(replace(kept, holds=(hold,)))
