"""A branch of which an overlay is followed: `-k`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.repository import Follower, Repository
from fakes.workshop import Workshop, simulator, text_of

from reconciler.control.git.remote import parse_remote
from reconciler.control.kustomize.overlay import Overlay
from reconciler.control.reconcile import Result
from reconciler.control.sync import Branch

BASE = {
    "base/kustomization.yaml": "resources: [sim.yaml]\n",
    "base/sim.yaml": text_of([simulator(text="base"), simulator("other", text="base")]),
    "prod/kustomization.yaml": (
        "resources: [../base]\npatches:\n- path: text.yaml\n  target: {kind: Provider, name: sim}\n"
    ),
    "prod/text.yaml": '[{op: replace, path: /spec/config/text, value: "prod"}]\n',
}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path)
    yield made
    made.close()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def followed(shop: Workshop, repository: Repository, folder: str = "prod", *, prune: bool = False) -> Result:
    return Follower(shop, repository.folder, path=Overlay(folder), prune=prune).step()


def test_it_is_built_from_the_commit_with_what_lies_beside_it(shop: Workshop, repository: Repository) -> None:
    commit = repository.commit("One", {**BASE, "routerctl.yaml": "source: acme\n"})
    result = followed(shop, repository)
    assert (result.error, result.source, result.commit, result.changed) == (None, "acme", commit, 2)
    assert (shop.text(), shop.text("other"), shop.stored().path) == ("prod", "base", "prod/")
    assert result.git is not None
    assert result.git.path == "prod/"
    repository.commit(
        "Base", {"base/sim.yaml": text_of([simulator(text="x"), simulator("other", text="two")])}
    )
    assert (followed(shop, repository).changed, shop.text(), shop.text("other")) == (1, "prod", "two")


def test_a_prune_keeps_to_what_the_overlay_made(shop: Workshop, repository: Repository) -> None:
    repository.commit("One", {**BASE, "plain/c.yaml": text_of([simulator("c")])})
    Follower(shop, repository.folder, path="plain").step()
    followed(shop, repository)
    repository.commit("Fewer", {"base/sim.yaml": text_of([simulator(text="base")])})
    assert followed(shop, repository, prune=True).changed == 1
    assert [key.name for key in shop.reader.state()] == ["c", "sim"]


def test_one_at_the_root_is_no_folder_of_files(shop: Workshop, repository: Repository) -> None:
    repository.commit("One", {**BASE, "kustomization.yml": "resources: [prod]\n", "not-one.yaml": "x: y\n"})
    assert (followed(shop, repository, "").changed, shop.stored().path) == (2, "./")
    root = Branch(parse_remote("/srv/x"), path=Overlay(""))
    assert (root.place, Branch(parse_remote("/srv/x")).place) == (
        "file:///srv/x#main:./",
        "file:///srv/x#main",
    )


@pytest.mark.parametrize(
    "wanted", ["../../../../../../outside", "../../../../../../manifests", "../link", "../up"]
)
def test_nothing_outside_of_the_commit_is_reached(
    shop: Workshop, repository: Repository, wanted: str
) -> None:
    outside = shop.root / "outside"
    outside.mkdir()
    (outside / "kustomization.yaml").write_text("resources: [sim.yaml]\n")
    (outside / "sim.yaml").write_text(text_of([simulator(text="outside")]))
    repository.folder.joinpath("link").symlink_to(outside)
    repository.folder.joinpath("up").symlink_to("..")
    repository.commit("Out", {"a/b/kustomization.yaml": f"resources: [{wanted}]\n"})
    result = followed(shop, repository, "a/b")
    assert (result.exit_code, result.revision, shop.reader.head()) == (3, 0, 0)
    (problem,) = (item for item in result.problems if not item.warning)
    assert str(problem.location) == "a/b/kustomization.yaml:1:13"
    assert problem.message.endswith(("leads out of the repository", "no such file or folder"))


def test_the_bound_holds_for_a_link_that_somebody_made_in_the_checkout(
    shop: Workshop, repository: Repository
) -> None:
    repository.commit("One", BASE)
    follower = Follower(shop, repository.folder, path=Overlay("prod"))
    follower.step()
    (base,) = (shop.root / "mirrors").glob("*/checkouts/*/base")
    base.rename(shop.root / "moved")
    base.symlink_to(shop.root / "moved")
    result = follower.step()
    assert (result.exit_code, [item.message for item in result.problems]) == (
        3, ['"../base" leads out of the repository']
    )  # fmt: skip


def test_an_overlay_that_is_not_there_is_an_error_of_the_commit(
    shop: Workshop, repository: Repository
) -> None:
    repository.commit("One", BASE)
    result = followed(shop, repository, "nowhere")
    assert (result.exit_code, str(result.problems[0])) == (
        3, "nowhere: error: no such folder; -k takes a folder with a kustomization.yaml"
    )  # fmt: skip
