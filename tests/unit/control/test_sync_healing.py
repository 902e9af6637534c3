"""What people changed by hand under a branch that is followed: taken back, or left."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.by_hand import ADA, changed, drift, spec, written
from fakes.repository import AUTHOR, Follower, Repository
from fakes.workshop import PROVIDER, Workshop, binding, model, simulator, text_of

from reconciler.control.plan.model import Drifted
from reconciler.json_types import JsonObject
from reconciler.resources.resource import ResourceKey

MODEL = ResourceKey("Model", "default", "m")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path)
    yield made
    made.close()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def sim(text: str, name: str = "sim") -> str:
    return text_of([simulator(name, text=text)])


def by_hand(shop: Workshop, text: str) -> str:
    """When it was done."""
    stored = changed(shop, spec(config={"text": text}))
    return next(entry.time for entry in stored.managed_fields if entry.manager == ADA)


def config(shop: Workshop) -> JsonObject:
    found = shop.stored().resource.spec["config"]
    assert isinstance(found, dict)
    return found


def test_drift_is_healed_or_only_told(shop: Workshop, repository: Repository) -> None:
    repository.commit("One", {"a.yaml": sim("one")})
    Follower(shop, repository.folder).step()
    drift(shop)
    watching = Follower(shop, repository.folder, heal=False)
    result = watching.step()
    assert (result.failed, result.changed, [str(item.key) for item in result.drift]) == (
        False,
        0,
        ["Provider/sim"],
    )
    assert shop.text() == "drifted"
    healed = Follower(shop, repository.folder).step()
    assert (healed.changed, healed.drift, shop.text()) == (1, (), "one")
    assert watching.step().drift == ()
    repository.commit("Two", {"a.yaml": sim("two")})
    assert (watching.step().changed, shop.text()) == (1, "two")


def test_what_was_changed_by_hand_is_taken_back_at_once_and_said(
    shop: Workshop, repository: Repository
) -> None:
    repository.commit("One", {"a.yaml": sim("one"), "b.yaml": sim("b one", "b")})
    follower = Follower(shop, repository.folder)
    follower.step()
    since = by_hand(shop, "at night")
    result = follower.step()
    assert (result.failed, result.changed, shop.text()) == (False, 1, "one")
    assert result.healed == (
        Drifted(PROVIDER, "spec.config.text", "at night", "one", manager=ADA, since=since),
    )
    assert shop.reader.revision(3).message == (
        f"heal drift from: One ({AUTHOR}); took back Provider/sim spec.config.text (by {ADA} at {since})"
    )
    assert (follower.step().changed, follower.step().healed) == (0, ())
    since = by_hand(shop, "again")
    repository.commit("Go on", {"b.yaml": sim("b two", "b")})
    assert (follower.step().changed, shop.text(), shop.text("b"), shop.reader.head()) == (
        2, "one", "b two", 5
    )  # fmt: skip
    assert shop.reader.revision(5).message.endswith(f"spec.config.text (by {ADA} at {since})")


def test_what_was_deleted_by_hand_comes_back_and_who_did_it_is_said(
    shop: Workshop, repository: Repository
) -> None:
    repository.commit("One", {"a.yaml": sim("one"), "b.yaml": sim("b one", "b")})
    follower = Follower(shop, repository.folder)
    follower.step()
    written(shop, {PROVIDER: None})
    since = shop.reader.revision(2).time
    assert follower.step().healed == (Drifted(PROVIDER, manager=ADA, since=since),)
    changed(shop, spec(config={"text": None}))
    result = follower.step()
    assert [(item.field, item.declared, item.manager) for item in result.healed] == [
        ("spec.config.text", "one", ADA)
    ]
    assert (shop.text(), follower.step().changed) == ("one", 0)


def test_a_field_that_the_commit_does_not_declare_is_nobodys_drift(
    shop: Workshop, repository: Repository
) -> None:
    repository.commit("One", {"a.yaml": sim("one")})
    follower = Follower(shop, repository.folder)
    follower.step()
    changed(shop, spec(enabled=False))
    assert (follower.step().changed, shop.stored().resource.spec["enabled"]) == (0, False)


def test_without_healing_what_was_changed_by_hand_is_left_and_later_commits_go_on(
    shop: Workshop, repository: Repository
) -> None:
    repository.commit("One", {"a.yaml": sim("one"), "b.yaml": sim("b one", "b"), "c.yaml": sim("c", "c")})
    follower = Follower(shop, repository.folder, heal=False)
    follower.step()
    since = by_hand(shop, "at night")
    gone = ResourceKey("Provider", "default", "c")
    written(shop, {gone: None})
    left = [
        Drifted(PROVIDER, "spec.config.text", "at night", "one", manager=ADA, since=since),
        Drifted(gone, manager=ADA, since=shop.reader.revision(3).time),
    ]
    assert (follower.step().drift, follower.step().failed) == (tuple(left), False)
    commit = repository.commit("Go on", {"b.yaml": sim("b two", "b")})
    result = follower.step()
    assert (result.commit, result.changed, result.drift) == (commit, 1, tuple(left))
    assert shop.reader.revision(4).message == f"Go on ({AUTHOR})"
    assert (shop.text(), shop.text("b"), str(gone) in map(str, shop.reader.state())) == (
        "at night", "b two", False
    )  # fmt: skip


def test_what_a_commit_could_not_have_yet_comes_when_it_can(shop: Workshop, repository: Repository) -> None:
    repository.commit("One", {"a.yaml": sim("one")})
    follower = Follower(shop, repository.folder, heal=False)
    follower.step()
    by_hand(shop, "at night")
    routed = text_of([simulator(text="one", latency=500), simulator("b"), model("m"), binding("x", "m", "b")])
    repository.commit("More, and slower", {"a.yaml": routed})
    result = follower.step()
    assert (result.changed, [item.field for item in result.drift]) == (3, ["spec.config.text"])
    assert config(shop)["latency"] == "0ms"
    drift(shop, "b")  # of the source itself, and not what the commit left
    by_hand(shop, "one")
    result = follower.step()
    assert (result.changed, config(shop)["latency"], shop.text("b")) == (1, 500, "drifted")
    assert [str(item.key) for item in result.drift] == ["Provider/b"]
    assert shop.reader.revision(result.revision).message == f"the rest of: More, and slower ({AUTHOR})"


def test_what_cannot_stand_beside_what_is_left_waits(shop: Workshop, repository: Repository) -> None:
    repository.commit("One", {"a.yaml": text_of([model("m", aliases=["x"])])})
    follower = Follower(shop, repository.folder, heal=False)
    follower.step()
    changed(shop, spec(aliases=["y"]), MODEL)
    repository.commit("Another y", {"b.yaml": text_of([model("n", aliases=["y"])])})
    result = follower.step()
    assert (result.failed, result.changed, [str(item.key) for item in result.waiting]) == (
        False, 0, ["Model/n"]
    )  # fmt: skip
    assert "Model/m is changed by hand" in result.waiting[0].reason


@pytest.mark.parametrize("heal", [True, False])
def test_a_resumed_rollback_is_over(shop: Workshop, repository: Repository, *, heal: bool) -> None:
    repository.commit("One", {"a.yaml": sim("one")})
    follower = Follower(shop, repository.folder, heal=heal)
    follower.step()
    repository.commit("Two", {"a.yaml": sim("two"), "b.yaml": sim("b", "b")})
    follower.step()
    shop.rollback(1)
    for _ in range(3):
        assert (follower.step().changed, shop.text()) == (0, "one")
    shop.writer.release_holds(source=str(repository.folder))
    result = follower.step()
    assert (result.changed, result.healed, result.drift) == (2, (), ())
    assert (shop.text(), shop.text("b")) == ("two", "b")


@pytest.mark.parametrize("manager", ["git:other", "ci"])
@pytest.mark.parametrize("heal", [True, False])
def test_what_somebody_else_applies_is_a_conflict_also_beside_a_change_by_hand(
    shop: Workshop, repository: Repository, manager: str, *, heal: bool
) -> None:
    repository.commit("One", {"a.yaml": text_of([simulator(text="one", latency=500)])})
    follower = Follower(shop, repository.folder, heal=heal)
    follower.step()
    shop.write("x.yaml", simulator(latency=900))
    shop.apply_wanted(replace(shop.wanted(manager=manager, force=True), source=None))
    by_hand(shop, "at night")
    repository.commit("Two", {"a.yaml": text_of([simulator(text="two", latency=600)])})
    result = follower.step()
    assert (result.exit_code, result.changed, shop.text()) == (4, 0, "at night")
    assert f"owned by {manager} since" in (result.error or "")
    assert f"owned by {ADA} since" in (result.error or "")


def test_what_a_good_commit_said_is_kept_up_under_a_bad_one(shop: Workshop, repository: Repository) -> None:
    repository.commit("Good", {"a.yaml": sim("one")})
    follower = Follower(shop, repository.folder)
    follower.step()
    repository.commit("Break it", {"a.yaml": "kind: Nothing"})
    drift(shop)
    result = follower.step()
    assert (result.failed, result.changed, shop.text()) == (True, 1, "one")
    assert shop.reader.revision(3).message == f"heal drift from: Good ({AUTHOR})"
