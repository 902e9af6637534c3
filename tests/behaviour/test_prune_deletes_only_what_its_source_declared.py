"""Prune: what a source no longer declares, below the paths that were read, and nothing else."""

import subprocess
from pathlib import Path

import pytest
from fakes.workshop import PROVIDER, Workshop, binding, model, simulator

from reconciler.control.intake import source_of, take_in, wanted
from reconciler.errors import InvalidInput, Refused
from reconciler.resources.resource import Resource, ResourceKey


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def names(shop: Workshop) -> list[str]:
    return [key.name for key in shop.reader.state()]


def apply_as(shop: Workshop, source: str, *, prune: bool = False) -> None:
    """As the root of that source, read as a whole."""
    (shop.folder / "routerctl.yaml").write_text(f"source: {source}\n")
    shop.apply(prune=prune)


def repository(shop: Workshop, name: str, *resources: Resource) -> Path:
    subprocess.run(["git", "init", str(shop.folder / name)], check=True, capture_output=True, timeout=120)
    shop.write(f"{name}/a.yaml", *resources)
    return shop.folder / name


def test_without_prune_the_undeclared_stay_and_are_counted(shop: Workshop) -> None:
    shop.write("a.yaml", simulator("a"), simulator("b"))
    shop.apply()
    shop.write("a.yaml", simulator("a"))
    plan = shop.apply().proposal.plan
    assert plan.undeclared == (ResourceKey("Provider", "default", "b"),)
    assert names(shop) == ["a", "b"]
    done = shop.apply(prune=True)
    assert done.proposal.plan.undeclared == ()
    assert names(shop) == ["a"]


def test_only_what_was_declared_below_the_paths_given_is_deleted(shop: Workshop) -> None:
    shop.write("one/a.yaml", simulator("a"))
    shop.write("one/more.yaml", simulator("gone"))
    shop.write("one-more/b.yaml", simulator("b"))
    shop.write("c.yaml", simulator("c"))
    shop.apply()
    for file in ("one/more.yaml", "one-more/b.yaml", "c.yaml"):
        (shop.folder / file).unlink()
    shop.apply(shop.folder / "one", prune=True)
    assert names(shop) == ["a", "b", "c"]


def test_one_file_prunes_what_that_file_held(shop: Workshop) -> None:
    file = shop.write("a.yaml", simulator("a"), simulator("b"))
    shop.write("c.yaml", simulator("c"))
    shop.apply()
    shop.write("a.yaml", simulator("a"))
    (shop.folder / "c.yaml").unlink()
    shop.apply(file, prune=True)
    assert names(shop) == ["a", "c"]


@pytest.mark.parametrize("named", [None, "prod"])
def test_the_folder_next_to_it_is_left_alone(shop: Workshop, named: str | None) -> None:
    """Also where a name is given for folders that no repository holds together."""
    shop.write("one/a.yaml", simulator("a"))
    shop.write("two/b.yaml", simulator("b"), simulator("c"))
    shop.apply(shop.folder / "one", source=named)
    shop.apply(shop.folder / "two", source=named)
    shop.write("two/b.yaml", simulator("b"))
    shop.apply(shop.folder / "two", source=named, prune=True)
    assert names(shop) == ["a", "b"]


def test_another_sources_resources_are_left_alone(shop: Workshop) -> None:
    shop.write("a.yaml", simulator("a"))
    shop.apply(source="first")
    shop.write("a.yaml", simulator("b"))
    shop.apply(source="second", prune=True)
    assert names(shop) == ["a", "b"]


def test_it_refuses_where_nothing_was_read(shop: Workshop) -> None:
    shop.write("a.yaml", simulator())
    shop.apply()
    (shop.folder / "a.yaml").write_text("")
    with pytest.raises(Refused, match="no resource was read") as caught:
        shop.apply(prune=True)
    assert caught.value.exit_code == 4
    result = shop.reconcile(prune=True)
    assert (result.failed, result.exit_code) == (True, 4)
    assert names(shop) == ["sim"]


def test_it_refuses_where_nothing_was_read_below_one_of_the_paths(shop: Workshop) -> None:
    one, two = shop.write("one/a.yaml", simulator("a")).parent, shop.write("two/b.yaml", simulator("b"))
    shop.apply(source="prod")
    two.unlink()
    with pytest.raises(
        Refused, match=f"below {two.parent}, so --prune would delete all that it once held: 1"
    ):
        shop.apply(one, two.parent, source="prod", prune=True)
    assert names(shop) == ["a", "b"]
    shop.apply(one, one / "a.yaml", one.parent / "two" / ".." / "one", source="prod", prune=True)
    shop.apply(one, two.parent, source="other", prune=True)
    assert names(shop) == ["a", "b"]


def test_it_refuses_for_an_empty_path_of_a_root_that_has_a_better_name_now(shop: Workshop) -> None:
    one, two = shop.write("one/a.yaml", simulator("a")).parent, shop.write("two/b.yaml", simulator("b"))
    shop.apply()
    two.unlink()
    (shop.folder / "routerctl.yaml").write_text("source: prod\n")
    known = [str(one), str(two.parent)]
    source = source_of([str(shop.folder)], explicit=None, known=())
    want = wanted(take_in(known), known, source, prune=True)
    with pytest.raises(Refused, match=f"below {two.parent}"):
        shop.apply_wanted(want)


def test_the_roots_of_one_name_are_told_apart(shop: Workshop) -> None:
    one, two = (
        repository(shop, "one", simulator("a"), simulator("b")),
        repository(shop, "two", simulator("c")),
    )
    shop.apply(one, source="prod")
    shop.apply(two, source="prod", prune=True)
    assert names(shop) == ["a", "b", "c"]
    shop.write("one/a.yaml", simulator("a"))
    shop.apply(one, source="prod", prune=True)
    assert names(shop) == ["a", "c"]
    with pytest.raises(InvalidInput, match="different roots of the source prod"):
        shop.apply(one, two, source="prod", prune=True)


def test_the_root_that_bears_the_name_leaves_the_others_alone(shop: Workshop) -> None:
    other = repository(shop, "../other", simulator("a"))
    shop.apply(other, source="prod")
    shop.write("b.yaml", simulator("b"))
    apply_as(shop, "prod", prune=True)
    assert names(shop) == ["a", "b"]


def test_what_others_refer_to_is_not_deleted(shop: Workshop) -> None:
    shop.write("a.yaml", simulator("p"), model("m"))
    shop.apply(source="first")
    shop.write("a.yaml", binding("b", "m", "p"))
    shop.apply(source="second")
    shop.write("a.yaml", model("m"))
    with pytest.raises(InvalidInput, match=r"Binding/b: spec\.provider: refers to Provider/p"):
        shop.apply(source="first", prune=True)
    assert len(names(shop)) == 3


def test_a_prune_by_one_of_two_sources_leaves_the_resource_to_the_other(shop: Workshop) -> None:
    shop.write("a.yaml", simulator("keep"), simulator(text="one"))
    apply_as(shop, "first")
    shop.write("b.yaml", simulator(text="one", labels={"team": "b"}))
    (shop.folder / "a.yaml").unlink()
    apply_as(shop, "second")
    (shop.folder / "b.yaml").unlink()
    shop.write("a.yaml", simulator("keep"))
    apply_as(shop, "first", prune=True)
    stored = shop.stored()
    assert stored.source == "second"
    assert [entry.manager for entry in stored.managed_fields] == ["git:second"]
    assert (shop.text(), stored.resource.labels) == ("one", {"team": "b"})
    shop.write("a.yaml", simulator("other"))
    apply_as(shop, "second", prune=True)
    assert PROVIDER not in shop.reader.state()


def test_the_guest_of_a_resource_takes_along_what_only_it_declared(shop: Workshop) -> None:
    """The resource stays with the source that had it first. The guest's root was read as a whole."""
    shop.write("a.yaml", simulator(text="one"))
    apply_as(shop, "host")
    shop.write("a.yaml", simulator(text="one", labels={"team": "b"}), simulator("own"))
    apply_as(shop, "guest")
    assert shop.stored().source == "host"
    shop.write("a.yaml", simulator("own"))
    assert shop.propose().plan.undeclared == (PROVIDER,)
    apply_as(shop, "guest", prune=True)
    stored = shop.stored()
    assert (stored.source, stored.resource.labels) == ("host", {})
    assert [entry.manager for entry in stored.managed_fields] == ["git:host"]
    assert shop.text() == "one"


def test_stdin_needs_a_name_to_prune() -> None:
    intake = take_in([])
    with pytest.raises(InvalidInput, match="--prune") as caught:
        wanted(intake, ["-"], None, prune=True)
    assert "--source" in (caught.value.hint or "")
