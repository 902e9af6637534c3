"""Where manifests come from decides whose they are, and a better name takes along what the worse one owned."""

import subprocess
from pathlib import Path

import pytest
from fakes.workshop import PROVIDER, Workshop, simulator

from reconciler.control.intake import source_of
from reconciler.errors import InvalidInput


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-C", str(folder), *arguments],
        check=True,
        capture_output=True,
        timeout=120,
    )


def name_of(*paths: Path, explicit: str | None = None, known: tuple[str, ...] = ()) -> str | None:
    source = source_of([str(path) for path in paths], explicit=explicit, known=known)
    return source.name if source is not None else None


def test_each_way_to_a_name_beats_those_below_it(shop: Workshop) -> None:
    folder = shop.folder
    below = folder / "below"
    below.mkdir()
    file = shop.write("below/a.yaml", simulator())
    assert name_of(file) == str(below)
    assert name_of(below, known=(str(folder), "/")) == str(folder)
    git(folder, "init")
    assert name_of(below) == name_of(file) == str(folder)
    git(folder, "remote", "add", "upstream", "git@GitHub.com:acme/routing.git")
    assert name_of(below) == "github.com/acme/routing"
    git(folder, "remote", "add", "origin", "https://ada@github.com:443/acme/origin/")
    assert name_of(below) == "github.com/acme/origin"
    (folder / "routerctl.yaml").write_text("source: prod\n")
    assert name_of(below) == name_of(file) == "prod"
    (below / "routerctl.yaml").write_text("source: team\n")
    assert name_of(below) == "team"
    assert name_of(below, explicit="mine") == "mine"


def test_the_commit_is_known_and_whether_files_differ_from_it(shop: Workshop) -> None:
    shop.write("a.yaml", simulator())
    git(shop.folder, "init")
    fresh = source_of([str(shop.folder)], explicit=None, known=())
    assert fresh is not None
    assert (fresh.commit, fresh.dirty) == (None, False)
    git(shop.folder, "add", ".")
    git(shop.folder, "commit", "-m", "first")
    clean = source_of([str(shop.folder)], explicit=None, known=())
    assert clean is not None
    assert (len(clean.commit or ""), clean.dirty) == (40, False)
    shop.write("b.yaml", simulator("b"))
    dirty = source_of([str(shop.folder)], explicit=None, known=())
    assert dirty is not None
    assert (dirty.commit, dirty.dirty) == (clean.commit, True)


def test_different_sources_in_one_command_are_refused(shop: Workshop) -> None:
    one, two = shop.write("one/a.yaml", simulator("a")), shop.write("two/b.yaml", simulator("b"))
    with pytest.raises(InvalidInput, match="different sources") as caught:
        shop.apply(one, two)
    assert f"{shop.folder}/one, {shop.folder}/two" in caught.value.message
    assert shop.apply(one, two, source="both").revision.number == 1


def test_a_path_below_a_known_source_belongs_to_it(shop: Workshop) -> None:
    shop.write("sub/a.yaml", simulator())
    shop.apply()
    shop.write("sub/a.yaml", simulator(text="new"))
    shop.apply(shop.folder / "sub")
    assert (shop.stored().source, shop.stored().path) == (str(shop.folder), "sub/a.yaml")
    assert [entry.manager for entry in shop.stored().managed_fields] == [f"git:{shop.folder}"]


def test_a_source_named_by_its_path_is_renamed_when_it_gains_a_remote(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(text="one"), simulator("other"))
    head = shop.apply().revision.number
    git(shop.folder, "init")
    git(shop.folder, "remote", "add", "origin", "https://github.com/acme/routing.git")
    shop.write("a.yaml", simulator(text="two"), simulator("other"))
    done = shop.apply()
    assert done.proposal.renamed_from == str(shop.folder)
    assert done.proposal.plan.conflicts == ()
    assert done.revision.number == head + 1
    for stored in shop.reader.state().values():
        assert stored.source == "github.com/acme/routing"
        assert [entry.manager for entry in stored.managed_fields] == ["git:github.com/acme/routing"]
    again = shop.apply()
    assert again.proposal.renamed_from is None
    assert again.proposal.plan.edits == ()


def test_a_rename_alone_makes_no_revision(shop: Workshop) -> None:
    shop.write("a.yaml", simulator())
    head = shop.apply().revision.number
    (shop.folder / "routerctl.yaml").write_text("source: prod\n")
    done = shop.apply()
    assert (done.revision.number, done.proposal.renamed_from) == (head, str(shop.folder))
    assert shop.stored().source == "prod"


def test_who_was_known_by_both_names_owns_the_fields_of_both(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(text="one"))
    shop.apply()
    shop.apply(source="prod")
    assert len(shop.stored().managed_fields) == 2
    (shop.folder / "routerctl.yaml").write_text("source: prod\n")
    shop.apply()
    (entry,) = shop.stored().managed_fields
    assert entry.manager == "git:prod"
    shop.write("a.yaml", simulator())
    shop.apply()
    assert shop.text() != "one"


def test_a_team_in_a_shared_repository_takes_nothing_from_its_neighbours(shop: Workshop) -> None:
    shop.write("team-a/a.yaml", simulator("a"))
    shop.write("team-b/b.yaml", simulator("b"))
    git(shop.folder, "init")
    shop.apply()
    (shop.folder / "team-a" / "routerctl.yaml").write_text("source: team-a\n")
    done = shop.apply(shop.folder / "team-a")
    assert done.proposal.renamed_from is None
    assert shop.stored(simulator("b").key).source == str(shop.folder)


def test_a_rename_is_undone_by_a_rollback_and_made_again(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(text="one"))
    shop.apply()
    (shop.folder / "routerctl.yaml").write_text("source: prod\n")
    shop.write("a.yaml", simulator(text="two"))
    shop.apply()
    shop.rollback(1)
    for _ in range(3):
        result = shop.reconcile()
        assert (result.error, [each.key for each in result.held]) == (None, [PROVIDER])
    assert (shop.text(), shop.stored().source) == ("one", "prod")
    assert [hold.source for hold in shop.reader.holds()] == ["prod"]
