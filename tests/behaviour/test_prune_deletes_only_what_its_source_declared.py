"""Prune: what a source no longer declares, below the paths that were read, and nothing else."""

from pathlib import Path

import pytest
from fakes.workshop import PROVIDER, Workshop, binding, model, simulator

from reconciler.control.intake import take_in, wanted
from reconciler.errors import InvalidInput, Refused
from reconciler.resources.resource import ResourceKey


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def names(shop: Workshop) -> list[str]:
    return [key.name for key in shop.reader.state()]


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
    (shop.folder / "routerctl.yaml").write_text("{}")
    shop.write("a.yaml", simulator("keep"), simulator(text="one"))
    shop.apply(source="first")
    shop.write("b.yaml", simulator(text="one", labels={"team": "b"}))
    (shop.folder / "a.yaml").unlink()
    shop.apply(source="second")
    (shop.folder / "b.yaml").unlink()
    shop.write("a.yaml", simulator("keep"))
    shop.apply(source="first", prune=True)
    stored = shop.stored()
    assert stored.source == "second"
    assert [entry.manager for entry in stored.managed_fields] == ["git:second"]
    assert (shop.text(), stored.resource.labels) == ("one", {"team": "b"})
    shop.write("a.yaml", simulator("other"))
    shop.apply(source="second", prune=True)
    assert PROVIDER not in shop.reader.state()


def test_the_guest_of_a_resource_takes_along_what_only_it_declared(shop: Workshop) -> None:
    """The resource stays with the source that had it first. The guest's root was read as a whole."""
    (shop.folder / "routerctl.yaml").write_text("{}")
    shop.write("a.yaml", simulator(text="one"))
    shop.apply(source="host")
    shop.write("a.yaml", simulator(text="one", labels={"team": "b"}), simulator("own"))
    shop.apply(source="guest")
    assert shop.stored().source == "host"
    shop.write("a.yaml", simulator("own"))
    assert shop.propose(source="guest").plan.undeclared == (PROVIDER,)
    shop.apply(source="guest", prune=True)
    stored = shop.stored()
    assert (stored.source, stored.resource.labels) == ("host", {})
    assert [entry.manager for entry in stored.managed_fields] == ["git:host"]
    assert shop.text() == "one"


def test_stdin_needs_a_name_to_prune() -> None:
    intake = take_in([])
    with pytest.raises(InvalidInput, match="--prune") as caught:
        wanted(intake, ["-"], None, prune=True)
    assert "--source" in (caught.value.hint or "")
