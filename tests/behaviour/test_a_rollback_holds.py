"""What a rollback changed stays as it is, against the source that owns it, until that changes its mind."""

from pathlib import Path

import pytest
from fakes.workshop import PROVIDER, Workshop, binding, model, simulator

from reconciler.control.plan.model import Held
from reconciler.resources.resource import Resource, ResourceKey


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    """Revision 1 said one, revision 2 two, and 3 is the rollback to 1."""
    made = Workshop(tmp_path)
    made.write("a.yaml", simulator(text="one", latency="90s"))
    made.reconcile()
    made.write("a.yaml", simulator(text="two", latency="90s"))
    made.reconcile()
    made.rollback(1)
    assert made.text() == "one"
    return made


def held(shop: Workshop) -> list[str]:
    return [str(hold.key) for hold in shop.reader.holds()]


def test_it_holds_through_three_resyncs_and_they_report_the_drift(shop: Workshop) -> None:
    for _ in range(3):
        result = shop.reconcile()
        assert (result.failed, result.changed, result.revision) == (False, 0, 3)
        assert result.held == (Held(PROVIDER, 3, drifts=True),)
    assert shop.text() == "one"


def test_a_declaration_in_other_words_keeps_it(shop: Workshop) -> None:
    shop.write("moved/b.yaml", simulator(latency="1m30s", text="two"))
    (shop.folder / "a.yaml").unlink()
    result = shop.reconcile()
    assert (shop.text(), [each.key for each in result.held]) == ("one", [PROVIDER])


def test_a_changed_value_ends_it(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(text="three", latency="90s"))
    result = shop.reconcile()
    assert (shop.text(), result.held, held(shop)) == ("three", (), [])


def test_a_new_field_ends_it(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(text="two", latency="90s", labels={"team": "a"}))
    shop.reconcile()
    assert shop.text() == "two"


def test_a_declaration_that_is_gone_ends_it(shop: Workshop) -> None:
    shop.write("a.yaml", simulator("other"))
    shop.reconcile(prune=True)
    assert (held(shop), list(shop.reader.state())) == ([], [simulator("other").key])


def test_everything_else_of_the_source_goes_on(shop: Workshop) -> None:
    shop.write("b.yaml", simulator("other", text="new"))
    result = shop.reconcile()
    assert (result.changed, shop.text("other"), shop.text()) == (1, "new", "one")
    assert shop.reconcile().held == (Held(PROVIDER, 3, drifts=True),)


def test_an_apply_ends_it(shop: Workshop) -> None:
    shop.apply()
    assert (shop.text(), held(shop)) == ("two", [])


def test_an_apply_of_what_is_equal_ends_it_without_a_revision(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(text="one", latency="90s"))
    done = shop.apply()
    assert (done.revision.number, held(shop)) == (3, [])


def test_an_apply_of_another_file_does_not_end_it(shop: Workshop) -> None:
    file = shop.write("b.yaml", simulator("other"))
    shop.apply(file)
    assert held(shop) == ["Provider/sim"]
    shop.reconcile()
    assert shop.text() == "one"


def test_a_resync_of_a_part_of_the_source_does_not_end_it(shop: Workshop) -> None:
    shop.write("sub/b.yaml", simulator("other"))
    result = shop.reconcile(shop.folder / "sub")
    assert (result.changed, held(shop)) == (1, ["Provider/sim"])
    assert [each.key for each in result.held] == [PROVIDER]


def test_an_apply_of_another_source_does_not_end_it(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(text="one"))
    shop.apply(source="another")
    assert held(shop) == ["Provider/sim"]


def test_a_resume_ends_it(shop: Workshop) -> None:
    shop.writer.release_holds(source=str(shop.folder))
    assert shop.reconcile().held == ()
    assert shop.text() == "two"


def test_a_rollback_of_a_rollback_keeps_what_the_source_declared_first(shop: Workshop) -> None:
    before = shop.reader.holds()[0].declared
    shop.rollback(2)
    (hold,) = shop.reader.holds()
    assert (hold.declared, hold.revision) == (before, 4)
    assert shop.reconcile().held == (Held(PROVIDER, 4, drifts=False),)
    shop.rollback(1)
    assert shop.reconcile().held == (Held(PROVIDER, 5, drifts=True),)
    assert shop.text() == "one"


def test_a_deletion_is_held(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.write("a.yaml", simulator("first"))
    shop.reconcile()
    shop.write("b.yaml", simulator())
    shop.reconcile()
    shop.rollback(1)
    for _ in range(3):
        assert shop.reconcile().held == (Held(PROVIDER, 3, drifts=True),)
    assert PROVIDER not in shop.reader.state()
    shop.write("b.yaml", simulator(text="other"))
    shop.reconcile()
    assert shop.text() == "other"


def test_what_came_back_is_held_against_the_prune_that_had_deleted_it(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.write("a.yaml", simulator("first"), simulator())
    shop.reconcile()
    shop.write("a.yaml", simulator("first"))
    shop.reconcile(prune=True)
    shop.rollback(1)
    for _ in range(3):
        assert shop.reconcile(prune=True).held == (Held(PROVIDER, 3, drifts=True),)
    assert PROVIDER in shop.reader.state()


def test_what_needs_an_absence_that_is_held_waits_and_says_why(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.write("m.yaml", model("m"), simulator("first"))
    shop.reconcile()
    shop.write("p.yaml", simulator())
    shop.reconcile()
    shop.rollback(1)
    shop.write("b.yaml", binding("b", "m", "sim"), model("more"))
    result = shop.reconcile()
    assert (result.failed, result.changed) == (False, 1)
    (waiting,) = result.waiting
    assert str(waiting.key) == "Binding/b"
    assert waiting.reason == (
        "Binding/b: refers to Provider/sim, which does not exist (Provider/sim is held)"
    )
    shop.writer.release_holds()
    assert shop.reconcile().waiting == ()
    assert len(shop.reader.state()) == 5


def test_what_waits_makes_wait_what_needs_it(tmp_path: Path) -> None:
    """A rename of an alias: the Settings are held at the old one, so the Model keeps it."""
    shop = Workshop(tmp_path)
    settings = ResourceKey("Settings", "default", "default")
    shop.write("m.yaml", model("m", aliases=["old", "older"]), Resource(settings, {"defaultModel": "old"}))
    shop.reconcile()
    shop.write("m.yaml", model("m", aliases=["old", "older"]), Resource(settings, {"defaultModel": "older"}))
    shop.reconcile()
    shop.rollback(1)
    shop.write(
        "m.yaml", model("m", aliases=["older"]), Resource(settings, {"defaultModel": "older"}), model("new")
    )
    result = shop.reconcile()
    assert (result.error, result.changed) == (None, 1)
    (waiting,) = result.waiting
    assert str(waiting.key) == "Model/m"
    assert "Settings/default: names no Model and no alias" in waiting.reason


def test_what_the_source_breaks_by_itself_is_an_error(shop: Workshop) -> None:
    shop.write("b.yaml", binding("b", "nothing", "sim"))
    result = shop.reconcile()
    assert (result.failed, result.exit_code) == (True, 3)
    assert [problem.message for problem in result.problems] == [
        "refers to Model/nothing, which does not exist"
    ]
    assert held(shop) == ["Provider/sim"]


def test_a_field_that_another_manager_had_taken_does_not_end_it(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.write("a.yaml", simulator(text="one", latency="1s"))
    shop.reconcile()
    shop.write("a.yaml", simulator(text="two", latency="2s"))
    shop.reconcile()
    elsewhere = shop.root / "elsewhere.yaml"
    other = shop.write("a.yaml", simulator(text="theirs", latency="2s"))
    other.rename(elsewhere)
    shop.apply(elsewhere, source="other", force=True)
    shop.rollback(1)
    shop.write("a.yaml", simulator(text="two", latency="2s"))
    for _ in range(3):
        assert shop.reconcile().held == (Held(PROVIDER, 4, drifts=True),)
    assert shop.text() == "one"
    shop.write("a.yaml", simulator(text="two", latency="3s"))
    assert shop.reconcile().held == ()
    assert shop.text() == "two"


def test_it_holds_against_a_source_that_gained_a_better_name(shop: Workshop) -> None:
    (shop.folder / "routerctl.yaml").write_text("source: prod\n")
    for _ in range(3):
        result = shop.reconcile()
        assert result.source == "prod"
        assert result.held == (Held(PROVIDER, 3, drifts=True),)
    assert [hold.source for hold in shop.reader.holds()] == ["prod"]
    assert shop.text() == "one"
    assert shop.stored().source == "prod"
    shop.apply()
    assert (shop.text(), held(shop)) == ("two", [])


def test_a_broken_manifest_changes_nothing_and_is_in_the_result(shop: Workshop) -> None:
    (shop.folder / "b.yaml").write_text("apiVersion: routerctl.dev/v1\nkind: Provider\nspec: {typ: x}\n")
    shop.write("c.yaml", simulator("fine"))
    result = shop.reconcile()
    assert (result.failed, result.exit_code, result.changed, result.revision) == (True, 3, 0, 0)
    assert all(str(problem).startswith(f"{shop.folder}/b.yaml:") for problem in result.problems)
    assert result.error is not None
    assert list(shop.reader.state()) == [PROVIDER]
    assert held(shop) == ["Provider/sim"]
