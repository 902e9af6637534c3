"""A branch followed step by step, against a real repository. Its own process is in tests/behaviour."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.by_hand import drift
from fakes.repository import AUTHOR, Follower, Repository
from fakes.workshop import Workshop, binding, model, simulator, text_of

from reconciler.control.git.remote import parse_remote
from reconciler.control.sync import Branch
from reconciler.errors import Conflict


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


def test_a_push_becomes_one_revision_that_names_commit_author_and_subject(
    shop: Workshop, repository: Repository
) -> None:
    commit = repository.commit("Add the simulator", {"m/a.yaml": sim("one"), "m/b.yaml": sim("b", "b")})
    follower = Follower(shop, repository.folder, path="m")
    result = follower.step()
    assert (result.source, result.revision, result.changed, result.error) == (
        str(repository.folder), 1, 2, None
    )  # fmt: skip
    made = shop.reader.revision(1)
    assert (made.commit, made.operation, made.source, made.dirty) == (
        commit, "sync", str(repository.folder), False
    )  # fmt: skip
    assert made.message == f"Add the simulator ({AUTHOR})"
    assert shop.stored().path == "m/a.yaml"
    assert [entry.manager for entry in shop.stored().managed_fields] == [f"git:{repository.folder}"]
    assert follower.step().changed == 0
    assert shop.reader.head() == 1
    second = repository.commit("Say two", {"m/a.yaml": sim("two")})
    assert (follower.step().commit, shop.reader.revision(2).commit, shop.text()) == (second, second, "two")
    third = repository.commit("Touch nothing that counts", {"README.md": "hello"})
    result = follower.step()
    assert (result.commit, result.changed, shop.reader.head()) == (third, 0, 2)


def test_a_force_push_is_what_the_branch_says_now(shop: Workshop, repository: Repository) -> None:
    repository.commit("One", {"a.yaml": sim("one")})
    repository.commit("Two", {"a.yaml": sim("two")})
    follower = Follower(shop, repository.folder)
    follower.step()
    other = repository.commit("Another two", {"a.yaml": sim("another")}, "--amend")
    assert (follower.step().commit, shop.text()) == (other, "another")
    repository.git("reset", "--quiet", "--hard", "HEAD~1")
    result = follower.step()
    assert (shop.text(), result.git is not None and result.git.behind) == ("one", 0)


def test_a_bad_commit_changes_nothing_and_says_which_and_why(shop: Workshop, repository: Repository) -> None:
    good = repository.commit("Good", {"m/a.yaml": sim("one")})
    follower = Follower(shop, repository.folder)
    follower.step()
    bad = repository.commit("Break it", {"m/a.yaml": sim("two").replace("simulator", "simulatr")})
    repository.commit("Go on", {"README.md": "x"})
    tip = repository.git("rev-parse", "HEAD")
    assert tip != bad
    for result in (follower.step(), follower.step()):
        assert (result.failed, result.exit_code, result.commit, result.revision) == (True, 3, good, 1)
        assert result.rejected == f"commit {tip[:10]} (Go on) is not applied"
        assert [str(problem.location) for problem in result.problems] == ["m/a.yaml:1:118"]
        assert result.git is not None
        assert (result.git.tip, result.git.behind, result.git.trouble) == (tip, 2, None)
        assert str(shop.root / "mirrors") not in str(result)
    assert (shop.text(), shop.reader.head()) == ("one", 1)
    repository.commit("Mend it", {"m/a.yaml": sim("three")})
    assert (follower.step().failed, shop.text()) == (False, "three")


def test_a_conflict_and_the_prune_guard_keep_the_last_good_revision(
    shop: Workshop, repository: Repository
) -> None:
    repository.commit("One", {"m/a.yaml": sim("one"), "m/b.yaml": sim("b", "b")})
    follower = Follower(shop, repository.folder, path="m", prune=True)
    follower.step()
    shop.write("x.yaml", simulator("c", text="theirs"))
    shop.apply(source="other")
    repository.commit("Take theirs", {"m/c.yaml": sim("ours", "c")})
    result = follower.step()
    assert (result.exit_code, shop.text("c")) == (4, "theirs")
    assert "owned by git:other" in (result.error or "")
    repository.commit("Empty it", {"m/a.yaml": None, "m/b.yaml": None, "m/c.yaml": None})
    result = follower.step()
    assert (result.failed, shop.text(), shop.text("b")) == (True, "one", "b")
    assert str(shop.root / "mirrors") not in (result.error or "")
    repository.commit("Only b goes", {"m/a.yaml": sim("one")})
    assert (follower.step().failed, "Provider/b" in map(str, shop.reader.state())) == (False, False)


def test_a_branch_that_is_deleted_or_renamed_keeps_what_was_applied(
    shop: Workshop, repository: Repository
) -> None:
    commit = repository.commit("One", {"a.yaml": sim("one")})
    follower = Follower(shop, repository.folder)
    follower.step()
    repository.git("branch", "-m", "main", "trunk")
    drift(shop)
    result = follower.step()
    assert result.error == f"there is no branch main in file://{repository.folder}\n  there are: trunk"
    assert (result.exit_code, result.commit, result.changed, shop.text()) == (3, commit, 1, "one")
    repository.git("branch", "-m", "trunk", "main")
    follower.sync.ask()
    assert not follower.step().failed


def test_a_remote_that_cannot_be_reached_is_tried_less_often_until_it_is_back(
    shop: Workshop, repository: Repository
) -> None:
    repository.commit("One", {"a.yaml": sim("one")})
    follower = Follower(shop, repository.folder, interval_seconds=10.0)
    assert follower.step().git is not None
    assert follower.sync.pause() == 10.0
    away = shutil.move(repository.folder, shop.root / "away")
    waits = []
    for _ in range(3):
        result = follower.step()
        assert result.exit_code == 6
        assert "can't be fetched from" in (result.error or "")
        assert result.git is not None
        assert result.git.trouble == result.error
        start = follower.clock.seconds
        while (pause := follower.sync.pause()) > 0:
            follower.clock.seconds += pause
            if follower.sync.pause() > 0:
                assert follower.step().failed  # it only keeps up what was applied
        waits.append(follower.clock.seconds - start)
    assert waits == [10.0, 20.0, 40.0]
    shutil.move(away, repository.folder)
    second = repository.commit("Two", {"a.yaml": sim("two")})
    assert (follower.step().commit, shop.text(), follower.sync.pause()) == (second, "two", 10.0)


def test_who_asks_is_not_made_to_wait(shop: Workshop, repository: Repository) -> None:
    follower = Follower(shop, repository.folder)
    first = follower.step()
    assert (first.error, first.git is not None and first.git.tip) == (
        f"there is no branch main in file://{repository.folder}\n  it has no branch at all yet", None
    )  # fmt: skip
    repository.commit("One", {"a.yaml": sim("one")})
    assert follower.step().failed
    follower.sync.ask()
    assert (follower.step().failed, shop.text()) == (False, "one")


def test_a_rollback_holds_through_three_resyncs_until_it_is_resumed(
    shop: Workshop, repository: Repository
) -> None:
    repository.commit("One", {"a.yaml": sim("one"), "b.yaml": sim("b one", "b")})
    follower = Follower(shop, repository.folder)
    follower.step()
    repository.commit("Two", {"a.yaml": sim("two")})
    follower.step()
    shop.rollback(1)
    for _ in range(3):
        result = follower.step()
        assert (result.failed, result.changed, shop.text()) == (False, 0, "one")
        assert [(str(held.key), held.drifts) for held in result.held] == [("Provider/sim", True)]
    repository.commit("The rest goes on", {"b.yaml": sim("b two", "b")})
    follower.step()
    assert (shop.text(), shop.text("b")) == ("one", "b two")
    again = Follower(shop, repository.folder)
    assert (again.step().changed, shop.text()) == (0, "one")
    shop.writer.release_holds(source=str(repository.folder))
    assert (follower.step().changed, shop.text()) == (1, "two")


def test_a_commit_that_changes_the_held_value_ends_the_hold(shop: Workshop, repository: Repository) -> None:
    repository.commit("One", {"a.yaml": sim("one")})
    follower = Follower(shop, repository.folder)
    follower.step()
    repository.commit("Two", {"a.yaml": sim("two")})
    follower.step()
    shop.rollback(1)
    repository.commit("Only a comment", {"a.yaml": "# comment\n" + sim("two")})
    assert (follower.step().changed, shop.text()) == (0, "one")
    repository.commit("Three", {"a.yaml": sim("three")})
    assert (follower.step().held, shop.text()) == ((), "three")


def test_the_source_has_the_name_that_the_repository_gives_it(shop: Workshop, repository: Repository) -> None:
    repository.commit("One", {"m/a.yaml": sim("one")})
    Follower(shop, repository.folder, path="m").step()
    repository.commit("Name it", {"routerctl.yaml": "source: acme\n"})
    result = Follower(shop, repository.folder, path="m").step()
    assert (result.source, result.error, shop.stored().source) == ("acme", None, "acme")
    assert shop.stored().path == "m/a.yaml"
    repository.commit("Misname it", {"routerctl.yaml": "sauce: acme\n"})
    failed = Follower(shop, repository.folder, path="m").step()
    assert [str(problem) for problem in failed.problems] == [
        'routerctl.yaml:1:1: error: sauce: unknown field "sauce"; did you mean "source"?'
    ]


def test_an_explicit_source_knows_its_files_by_where_they_are(shop: Workshop, repository: Repository) -> None:
    repository.commit("One", {"m/a.yaml": sim("one")})
    assert Follower(shop, repository.folder, path="m", source="prod").step().source == "prod"
    assert shop.stored().path == f"{repository.folder}/m/a.yaml"


def test_names_of_a_repository() -> None:
    def name(address: str) -> str:
        return Branch(parse_remote(address)).repository

    assert name("https://x:y@GitHub.com/acme/routing.git") == "github.com/acme/routing"
    assert name("git@github.com:acme/routing") == "github.com/acme/routing"
    assert name("/nowhere/at/all") == "/nowhere/at/all"
    assert Branch(parse_remote("/srv/x"), "b", "m").place == "file:///srv/x#b:m"


def test_a_store_that_is_new_gets_all_whatever_the_mirror_says(
    shop: Workshop, repository: Repository
) -> None:
    commit = repository.commit("One", {"a.yaml": sim("one")})
    first = Follower(shop, repository.folder, heal=False)
    first.step()
    with first.sync.begun(anew=True):
        assert (first.mirror.synced(), first.sync.step().commit) == (None, commit)


def test_two_do_not_follow_the_same(shop: Workshop, repository: Repository) -> None:
    follower = Follower(shop, repository.folder)
    with follower.sync.begun(), pytest.raises(Conflict, match="another process follows main of"):
        Follower(shop, repository.folder).step()


def test_a_mirror_that_was_damaged_is_made_anew(shop: Workshop, repository: Repository) -> None:
    repository.commit("One", {"a.yaml": sim("one")})
    follower = Follower(shop, repository.folder)
    follower.step()
    (pack, *_) = (shop.root / "mirrors").rglob("*.pack")
    pack.chmod(0o600)
    pack.write_bytes(b"PACK" + bytes(60))
    repository.commit("Two", {"a.yaml": sim("two")})
    again = Follower(shop, repository.folder)
    again.step()
    again.sync.ask()
    assert (again.step().failed, shop.text()) == (False, "two")


def test_what_the_branch_references_is_checked_as_a_whole(shop: Workshop, repository: Repository) -> None:
    repository.commit("Dangling", {"a.yaml": text_of([model("m"), binding("b", "m", "nobody")])})
    result = Follower(shop, repository.folder).step()
    assert (result.exit_code, shop.reader.head(), result.commit) == (3, 0, None)
    assert str(result.problems[0].location).startswith("a.yaml:")
