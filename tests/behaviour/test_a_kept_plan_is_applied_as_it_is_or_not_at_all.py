"""What was reviewed is what is applied. Between the two nothing is locked, and whatever moves its ground ends it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.kept import apply_plan, plan
from fakes.workshop import UNGUARDED, Workshop, binding, model, remote, simulator, workshop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sizes import size
from strategies import configurations, edits_of

from reconciler.control.manifest.validate import violations
from reconciler.control.outcome import result
from reconciler.control.plan.artefact import Artefact
from reconciler.errors import Refused
from reconciler.resources.resource import Resource

LAW = settings(max_examples=size("STALE_PLANS"), deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path)
    yield made
    made.close()


def rows(shop: Workshop) -> list[list[tuple[object, ...]]]:
    """All that is stored."""
    tables = ("version", "revision", "event", "vault", "hold", "meta")
    with closing(sqlite3.connect(shop.store)) as connection:
        return [connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables]


def refused(shop: Workshop, kept: Artefact) -> str:
    """Why it was; nothing was written."""
    before = rows(shop)
    with pytest.raises(Refused) as error:
        apply_plan(shop, kept)
    assert rows(shop) == before
    return error.value.message


@pytest.mark.torture
@LAW
@given(st.data())
def test_it_is_refused_where_its_ground_moved_and_else_does_what_it_says(data: st.DataObject) -> None:
    before = data.draw(configurations().filter(bool), "stored")
    wanted = data.draw(edits_of(before).filter(bool), "planned")
    other = data.draw(edits_of(before).filter(bool), "applied in between")
    with workshop() as shop:
        shop.write("all.yaml", *before.values())
        shop.apply()
        shop.write("all.yaml", *wanted.values())
        kept = plan(shop, prune=True)
        shop.write("all.yaml", *other.values())
        shop.apply(prune=True, guards=UNGUARDED)
        touched = {event.key for event in shop.reader.events(after=kept.plan.base)}
        moved = touched & ({change.key for change in kept.plan.edits} | {each.key for each in kept.relies})
        if moved:
            message = refused(shop, kept)
            assert all(f"  {key}: " in message for key in moved)
            return
        now = shop.reader.state()
        expected = result(now, kept.plan.changes)
        if any(key in now for key in touched - wanted.keys()):
            assert "was added, and the plan's prune would cover it" in refused(shop, kept)
        elif violations(expected):
            assert "would break a rule" in refused(shop, kept)
        else:
            apply_plan(shop, kept)
            assert {key: item.resource for key, item in shop.reader.state().items()} == expected


def elsewhere(shop: Workshop, *resources: Resource) -> None:
    """Another source applies these, and takes over what it must."""
    (shop.root / "elsewhere").mkdir(exist_ok=True)
    shop.apply(shop.write("../elsewhere/b.yaml", *resources), source="elsewhere", force=True)


def begin(shop: Workshop) -> Artefact:
    """Revision 1: one provider and what it serves. The plan changes the provider's text and adds a model."""
    shop.write("a.yaml", simulator(text="one"), model(), binding("b", "m", "sim"))
    shop.apply()
    shop.write("a.yaml", simulator(text="two"), model(), model("n"), binding("b", "m", "sim"))
    return plan(shop)


def test_unrelated_commits_may_come_between(shop: Workshop) -> None:
    kept = begin(shop)
    elsewhere(shop, simulator("far"))
    done = apply_plan(shop, kept)
    assert (done.revision.number, done.revision.operation, done.already) == (3, "apply-plan", None)
    assert shop.text() == "two"
    assert shop.propose().plan.edits == ()


def test_what_it_changes_has_moved(shop: Workshop) -> None:
    kept = begin(shop)
    elsewhere(shop, simulator(text="three"))
    assert refused(shop, kept).splitlines() == [
        "the plan was made against revision 1, and since then:",
        "  Provider/sim: changed by revision 2 (apply by ada)",
    ]


def test_what_it_would_create_is_there_or_was(shop: Workshop) -> None:
    kept = begin(shop)
    elsewhere(shop, model("n"))
    assert "Model/n: created by revision 2" in refused(shop, kept)
    shop.rollback(1)
    assert "Model/n: deleted by revision 3 (rollback by ada)" in refused(shop, kept)


def test_what_it_refers_to_has_moved(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(), model())
    shop.apply()
    shop.write("b.yaml", binding("b", "m", "sim"))
    kept = plan(shop)
    assert [str(each.key) for each in kept.relies] == ["Model/m", "Provider/sim"]
    elsewhere(shop, simulator(text="three"))
    assert "Provider/sim: changed by revision 2" in refused(shop, kept)


def test_what_it_would_delete_has_moved(shop: Workshop) -> None:
    shop.write("a.yaml", simulator("keep"), simulator(text="one"))
    shop.apply()
    shop.write("a.yaml", simulator("keep"))
    kept = plan(shop, prune=True)
    elsewhere(shop, simulator(text="three"))
    assert "Provider/sim: changed by revision 2" in refused(shop, kept)


def test_what_it_would_delete_was_claimed_by_somebody_else(shop: Workshop) -> None:
    """That makes no revision."""
    shop.write("a.yaml", simulator("keep"), simulator(text="one"))
    shop.apply()
    shop.write("a.yaml", simulator("keep"))
    kept = plan(shop, prune=True)
    elsewhere(shop, simulator(text="one"))
    assert shop.reader.head() == 1
    assert "Provider/sim: somebody else declares some of it since" in refused(shop, kept)


def test_one_was_added_that_its_prune_would_cover(shop: Workshop) -> None:
    shop.write("a.yaml", simulator("keep"), simulator())
    shop.apply()
    shop.write("a.yaml", simulator("keep"))
    kept = plan(shop, prune=True)
    shop.write("b.yaml", model("new"))
    shop.apply(shop.folder / "b.yaml")
    assert refused(shop, kept).splitlines()[1:] == [
        "  Model/new: was added, and the plan's prune would cover it"
    ]


def test_what_others_added_would_break_a_rule_beside_it(shop: Workshop) -> None:
    kept = begin(shop)
    elsewhere(shop, model("other", aliases=["n"]))
    assert "as the store is now, the plan would break a rule" in refused(shop, kept)


def test_a_rollback_in_between_holds_what_it_would_change(shop: Workshop) -> None:
    kept = begin(shop)
    shop.apply()
    shop.rollback(1)
    assert "Provider/sim: changed by revision 3 (rollback by ada)" in refused(shop, kept)


def test_a_second_time_nothing_is_left_to_do(shop: Workshop) -> None:
    kept = begin(shop)
    apply_plan(shop, kept)
    elsewhere(shop, simulator("far"))
    before = rows(shop)
    done = apply_plan(shop, kept)
    assert (done.already, done.revision.number, rows(shop)) == (2, 3, before)


def test_a_second_time_after_it_was_undone_is_refused(shop: Workshop) -> None:
    kept = begin(shop)
    apply_plan(shop, kept)
    shop.rollback(1)
    assert refused(shop, kept).splitlines() == [
        "the plan was applied as revision 2, and since then:",
        "  Model/n: deleted by revision 3 (rollback by ada)",
        "  Provider/sim: changed by revision 3 (rollback by ada)",
    ]


def test_the_same_changes_by_another_apply_are_no_second_time(shop: Workshop) -> None:
    kept = begin(shop)
    shop.apply()
    assert "Provider/sim: changed by revision 2 (apply by ada)" in refused(shop, kept)


def test_claims_alone_can_be_applied_twice(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(text="one"))
    shop.apply()
    (shop.folder / "a.yaml").rename(shop.folder / "b.yaml")
    kept = plan(shop)
    assert (kept.plan.changes, len(kept.plan.claims)) == ((), 1)
    for _ in range(2):
        assert apply_plan(shop, kept).revision.number == 1
        assert shop.stored().path == "b.yaml"


def test_it_is_for_the_store_that_it_was_made_for(shop: Workshop, tmp_path: Path) -> None:
    kept = begin(shop)
    (tmp_path / "other").mkdir()
    other = Workshop(tmp_path / "other")
    assert "made for another store: its revision 1 is not in the history" in refused(other, kept)
    other.write("a.yaml", simulator(text="one"))
    other.apply()
    assert "made for another store" in refused(other, kept)
    other.close()


def test_its_secrets_are_sealed_in_it_and_open_afterwards(shop: Workshop) -> None:
    shop.write("a.yaml", remote(apiKey="sk-canary"))
    kept = plan(shop)
    (entry,) = kept.seals
    assert b"sk-canary" not in entry.ciphertext
    apply_plan(shop, kept)
    assert shop.reader.vault_entry(entry.id) == entry
    assert shop.propose().plan.edits == ()


def test_a_resource_that_is_protected_is_not_deleted_by_a_plan_that_was_made_up(shop: Workshop) -> None:
    shop.write(
        "a.yaml", simulator("keep"), replace(simulator(), annotations={"routerctl.dev/protected": "true"})
    )
    shop.apply()
    shop.write("a.yaml", simulator("keep"))
    assert "protected from being deleted: Provider/sim" in refused(shop, plan(shop, prune=True))


def test_a_plan_is_made_under_a_new_name_of_its_source(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(text="one"))
    shop.apply()
    (shop.folder / "routerctl.yaml").write_text("source: github.com/acme/routing\n")
    shop.write("a.yaml", simulator(text="two"))
    kept = plan(shop, prune=True)
    assert kept.names == ("github.com/acme/routing", str(shop.folder))
    apply_plan(shop, kept)
    assert (shop.text(), shop.stored().source) == ("two", "github.com/acme/routing")
    assert shop.propose(prune=True).plan.edits == ()
