from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes.states import TIME, stored
from fakes.workshop import PROVIDER, Workshop, model, remote, simulator

from reconciler.control.adopt import Adopted, Adopter, adopt, adoption, alive
from reconciler.control.plan.model import Action
from reconciler.control.proposal import intent_of
from reconciler.control.seal import Sealer
from reconciler.errors import NotFound, Refused
from reconciler.resources.resource import FieldManager, ResourceKey
from reconciler.store.source_status import SourceStatus

NEW = Adopter("new")
OLD = FieldManager("git:old", "Apply", {"f:spec": {"f:type": {}}}, "then")
PERSON = FieldManager("cli:ada", "Update", {"f:metadata": {"f:labels": {"f:team": {}}}}, "then")
THIRD = FieldManager("git:third", "Apply", {"f:spec": {"f:priority": {}}}, "then")
STATUS = FieldManager("supervisor", "Update", {"f:status": {}}, "then", "status")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path)
    yield made
    made.close()


def bring(
    shop: Workshop,
    *keys: ResourceKey,
    to: Adopter = NEW,
    kept_up: tuple[str, ...] = (),
    dry_run: bool = False,
) -> Adopted:
    committer = None if dry_run else shop.writer
    return adopt(keys, to, shop.reader, committer, shop.clock, actor="ada", kept_up=kept_up)


def of(shop: Workshop, source: str, *folder: Path) -> Adopter:
    wanted = shop.wanted(*folder, source=source)
    intent = intent_of(wanted, shop.reader.state(), Sealer(shop.reader, shop.cipher))
    return Adopter(source, intent.declarations)


def test_what_others_declared_moves_and_a_third_source_keeps_its_share() -> None:
    before = stored(simulator(), OLD, PERSON, THIRD, STATUS, source="old")
    found = adoption(before, NEW, now=TIME)
    assert (found.taken, found.shared, found.declared) == (("cli:ada", "git:old"), ("git:third",), False)
    change = found.change
    assert change is not None
    assert (change.action, change.after, change.source, change.path) == (
        Action.UPDATE, before.resource, "new", None
    )  # fmt: skip
    mine, *others = change.managed_fields
    assert (mine.manager, mine.operation, mine.time) == ("git:new", "Apply", TIME)
    assert mine.fields == {"f:metadata": {"f:labels": {"f:team": {}}}, "f:spec": {"f:type": {}}}
    assert others == [THIRD, STATUS]


def test_what_nobody_declared_is_declared_by_the_source() -> None:
    found = adoption(stored(simulator(text="one"), source=None), NEW, now=TIME)
    assert found.change is not None
    (entry,) = found.change.managed_fields
    assert entry.fields == {"f:spec": {"f:config": {"f:text": {}}, "f:type": {}}}


def test_what_the_source_has_already_stays_as_it_is() -> None:
    mine = replace(OLD, manager="git:new")
    assert adoption(stored(simulator(), mine, source="new"), NEW, now=TIME).change is None
    assert adoption(stored(simulator(), mine, PERSON, source="new"), NEW, now=TIME).change is not None


def test_no_value_changes_and_no_revision_is_made(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(text="one"), model())
    shop.apply(source="old")
    done = bring(shop, PROVIDER, PROVIDER)
    assert [each.key for each in done.adoptions] == [PROVIDER]
    assert (shop.reader.head(), shop.text(), shop.stored().source) == (1, "one", "new")
    assert [entry.manager for entry in shop.stored().managed_fields] == ["git:new"]
    assert shop.stored(model().key).source == "old"
    assert bring(shop, PROVIDER).adoptions[0].change is None


def test_a_dry_run_writes_nothing(shop: Workshop) -> None:
    shop.write("a.yaml", simulator())
    shop.apply(source="old")
    assert bring(shop, PROVIDER, dry_run=True).adoptions[0].change is not None
    assert shop.stored().source == "old"


def test_the_files_of_the_source_prune_it_from_then_on(shop: Workshop) -> None:
    shop.write("old/a.yaml", simulator(text="one"), model("stays"))
    shop.apply(shop.folder / "old", source="old")
    file = shop.write("new/b.yaml", simulator(text="one"), model())
    done = bring(shop, PROVIDER, to=of(shop, "new", file.parent))
    assert (done.adoptions[0].declared, done.next.edits) == (True, ())
    assert (shop.stored().path or "").endswith("new/b.yaml")
    shop.write("new/b.yaml", model())
    shop.apply(file.parent, source="new", prune=True)
    assert PROVIDER not in shop.reader.state()


def test_what_the_files_say_otherwise_is_shown_and_not_done(shop: Workshop) -> None:
    shop.write("old/a.yaml", simulator(text="one", latency=5), remote(apiKey="sk-canary"))
    shop.apply(shop.folder / "old", source="old")
    file = shop.write("new/b.yaml", simulator(text="two"), remote(apiKey="sk-canary"))
    done = bring(shop, PROVIDER, remote().key, to=of(shop, "new", file.parent))
    assert ([change.key for change in done.next.changes], done.next.undeclared) == ([PROVIDER], ())
    assert shop.text() == "one"
    shop.apply(file.parent, source="new")
    assert shop.text() == "two"


def test_what_a_third_source_declares_otherwise_is_a_conflict(shop: Workshop) -> None:
    file = shop.write("old/a.yaml", simulator(text="one"))
    shop.apply(file, source="old")
    shop.apply(file, source="third")
    mine = shop.write("new/b.yaml", simulator(text="two"))
    done = bring(shop, PROVIDER, to=of(shop, "new", mine))
    (conflict,) = done.next.conflicts
    assert [(each.field, each.manager) for each in conflict.fields] == [("spec.config.text", "git:third")]


def test_a_source_that_is_kept_up_would_take_it_back(shop: Workshop) -> None:
    shop.write("a.yaml", simulator())
    shop.apply(source="old")
    with pytest.raises(Refused, match="Provider/sim: old"):
        bring(shop, PROVIDER, kept_up=("old",))
    assert shop.stored().source == "old"
    bring(shop, PROVIDER, kept_up=("new", "other"))
    bring(shop, PROVIDER, kept_up=("new",))


def test_what_is_not_there_can_not_be_adopted(shop: Workshop) -> None:
    with pytest.raises(NotFound, match="not in the store: Model/a, Provider/sim"):
        bring(shop, PROVIDER, model("a").key)


def test_a_source_is_alive_for_a_moment_after_its_last_reconcile() -> None:
    statuses = [
        SourceStatus(("a",), "fresh", "2026-01-01T00:00:00.500Z"),
        SourceStatus(("b",), "stale", "2025-12-31T23:58:00.000Z"),
    ]
    assert alive(statuses, datetime(2026, 1, 1, 0, 0, 30, tzinfo=UTC)) == {"fresh"}
