from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.states import TIME, stored
from fakes.workshop import Workshop, binding, model, simulator

from reconciler.control.plan.model import Action, Change
from reconciler.control.rollback import difference, rollback, way_back
from reconciler.errors import NotFound, Refused, StoreError
from reconciler.resources.resource import FieldManager, ResourceKey
from reconciler.resources.state import State
from reconciler.store.records import Hold, Revision, RevisionMeta, StaleBase, VaultEntry

META = RevisionMeta("ada", "rollback")
MINE = FieldManager("git:acme", "Apply", {"f:spec": {}}, TIME)


def test_equality_is_over_what_people_write() -> None:
    now = stored(simulator(), MINE)
    then = replace(now, uid="other", generation=7, resource_version=9, creation_timestamp="", revision=4)
    plan = difference(State([now], revision=9), State([then], revision=4))
    assert (plan.base, plan.edits) == (9, ())


def test_what_came_goes_and_what_went_comes() -> None:
    now = State([stored(simulator("came"), MINE), stored(simulator(text="x"), MINE)])
    then = State([stored(model("went"), MINE), stored(simulator(), MINE, path="old.yaml")])
    plan = difference(now, then)
    assert [(each.action, each.key.name) for each in plan.changes] == [
        (Action.UPDATE, "sim"),
        (Action.CREATE, "went"),
        (Action.DELETE, "came"),
    ]
    assert plan.changes[0].path == "old.yaml"


def test_ownership_alone_is_a_claim() -> None:
    now, then = State([stored(simulator(), MINE)]), State([stored(simulator())])
    plan = difference(now, then)
    assert (plan.changes, [claim.managed_fields for claim in plan.claims]) == ((), [()])


class Crowded:
    """A store where others commit all the time."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.asked = 0

    @contextmanager
    def consistent(self) -> Iterator[None]:
        yield

    def state(self) -> State:
        return State([stored(simulator(text="x"), MINE)], revision=self.asked)

    def state_at(self, number: int) -> State:
        return State([stored(simulator(), MINE)], revision=number)

    def holds(self) -> Sequence[Hold]:
        return ()

    def commit(
        self,
        edits: Sequence[Change],
        *,
        base: int,
        meta: RevisionMeta,
        seals: Sequence[VaultEntry] = (),
        holds: Sequence[Hold] = (),
        releases: Collection[tuple[ResourceKey, str]] = (),
    ) -> Revision:
        assert base == self.asked
        self.asked += 1
        if self.left:
            self.left -= 1
            raise StaleBase(base=base, head=None)
        assert [hold.source for hold in holds] == ["acme"]
        return Revision(self.asked, base, "", "ada", None, None, False, "", "rollback", "")


def test_it_is_planned_again_when_another_commit_came_between() -> None:
    crowded = Crowded(2)
    assert rollback(crowded, crowded, 1, META).revision.number == 3


def test_it_gives_up_when_others_always_come_between() -> None:
    crowded = Crowded(1000)
    with pytest.raises(StoreError, match="100 times"):
        rollback(crowded, crowded, 1, META)


def test_a_revision_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    with pytest.raises(NotFound):
        shop.rollback(7)


def test_to_where_it_is_makes_no_revision_and_no_hold(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.write("a.yaml", simulator())
    shop.apply()
    done = shop.rollback(1)
    assert (done.revision.number, done.holds, done.plan.empty) == (1, (), True)
    assert shop.reader.holds() == ()


def test_only_what_is_named_goes_back(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.write("all.yaml", simulator("a", text="1"), simulator("b", text="1"))
    shop.apply()
    shop.write("all.yaml", simulator("a", text="2"), simulator("b", text="2"))
    shop.apply()
    key = ResourceKey("Provider", "default", "a")
    assert [each.key for each in way_back(shop.reader, 1, [key]).changes] == [key]
    assert len(way_back(shop.reader, 1).changes) == 2
    done = rollback(shop.reader, shop.writer, 1, META, only=[key])
    assert (shop.text("a"), shop.text("b")) == ("1", "2")
    assert [hold.key for hold in done.holds] == [key]
    assert [each.key for each in way_back(shop.reader, 1).changes] == [
        ResourceKey("Provider", "default", "b")
    ]
    shop.close()


def test_what_would_break_a_rule_is_refused(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.write("all.yaml", simulator("p"))
    shop.apply()
    shop.write("all.yaml", simulator("p"), model("m"), binding("b", "m", "p"))
    head = shop.apply().revision.number
    keys = [ResourceKey("Model", "default", "m")]
    for call in (
        lambda: way_back(shop.reader, 1, keys),
        lambda: rollback(shop.reader, shop.writer, 1, META, keys),
    ):
        with pytest.raises(Refused, match="Binding/b: refers to Model/m, which does not exist"):
            call()
    with pytest.raises(NotFound, match="neither now nor at revision 1 was there: Model/lost"):
        way_back(shop.reader, 1, [ResourceKey("Model", "default", "lost")])
    assert shop.reader.head() == head
    keys.append(ResourceKey("Binding", "default", "b"))
    assert len(rollback(shop.reader, shop.writer, 1, META, keys).plan.changes) == 2
    shop.close()
