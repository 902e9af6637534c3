"""A deleted, empty, wrong or half checked out folder deletes nothing, unless somebody says that it is meant."""

import shutil
from pathlib import Path

import pytest
from fakes.command import Routerctl, manifest, served
from fakes.repository import Repository

pytestmark = pytest.mark.torture
MODELS = [manifest("Model", f"x-{number}") for number in range(12)]


@pytest.fixture
def repository(routerctl: Routerctl) -> Repository:
    return Repository(routerctl.manifests)


@pytest.fixture
def stored(routerctl: Routerctl, repository: Repository) -> Routerctl:
    """24 resources of a repository that is checked out: 12 models, and 4 that are served."""
    files = {f"s-{each}.yaml": served(f"s-{each}") for each in "abcd"}
    repository.commit("first", {**files, "x.yaml": "".join(MODELS)})
    routerctl.ok("apply", "-f", routerctl.manifests, "--prune")
    return routerctl


def refused(routerctl: Routerctl, *arguments: str | Path, code: int = 4) -> str:
    """Why each command that prunes refused it; nothing was deleted."""
    before = routerctl.ok("export")
    plan = routerctl("plan", *arguments, "--prune", "--out", routerctl.folder / "plan.json")
    done = routerctl("apply", *arguments, "--prune")
    dry = routerctl("apply", *arguments, "--prune", "--dry-run")
    assert (plan.code, done.code, dry.code) == (code, code, code)
    assert routerctl.ok("export") == before
    assert routerctl.ok("history", "-o", "name") == "revision/1\n"
    assert not (routerctl.folder / "plan.json").exists()
    return done.err


def emptied(routerctl: Routerctl) -> None:
    for file in routerctl.manifests.glob("*.yaml"):
        file.unlink()


def test_a_folder_that_is_gone(stored: Routerctl) -> None:
    shutil.rmtree(stored.manifests)
    assert "no such file or folder" in refused(stored, "-f", stored.manifests, code=3)
    assert stored("apply", "-f", stored.manifests, "--prune", "--allow-empty").code == 3


def test_an_empty_folder(stored: Routerctl) -> None:
    emptied(stored)
    message = refused(stored, "-f", stored.manifests)
    assert "no resource was read from the paths given" in message
    assert "git tracks manifests that are not in this checkout as it knows them" in message


def test_an_empty_folder_that_is_meant(stored: Routerctl) -> None:
    emptied(stored)
    shutil.rmtree(stored.manifests / ".git")
    stored.ok("apply", "-f", stored.manifests, "--prune", "--allow-empty", "--max-deletes", "100%")
    assert stored.ok("export") == ""


def test_another_folder_under_the_name_of_the_source(stored: Routerctl) -> None:
    wrong = stored.write("../wrong/a.yaml", served("other")).parent
    stored.write("../wrong/routerctl.yaml", f"source: {stored.manifests}\n")
    message = refused(stored, "-f", wrong)
    assert "--prune would delete all that the source holds" in message
    assert "--prune would delete 24 of the 24 resources that the source holds; the limit is 10" in message


def test_a_checkout_that_failed_half_way(stored: Routerctl) -> None:
    (stored.manifests / "s-a.yaml").unlink()
    message = refused(stored, "-f", stored.manifests)
    assert "git tracks manifests that are not in this checkout as it knows them: s-a.yaml" in message


def test_a_checkout_that_is_under_way(stored: Routerctl) -> None:
    stored.write("x.yaml", *MODELS[1:])
    (stored.manifests / ".git" / "index.lock").touch()
    assert "git is at work in this checkout" in refused(stored, "-f", stored.manifests)


def test_a_sparse_checkout(stored: Routerctl, repository: Repository) -> None:
    repository.git("sparse-checkout", "set", "--no-cone", "/x.yaml")
    message = refused(stored, "-f", stored.manifests)
    assert "s-a.yaml, s-b.yaml, s-c.yaml, s-d.yaml" in message


def test_more_than_the_limit(stored: Routerctl) -> None:
    stored.write("x.yaml", MODELS[0])
    assert "--max-deletes 11" in refused(stored, "-f", stored.manifests)
    shown = stored("diff", "-f", stored.manifests, "--prune")
    assert (shown.code, "11 to delete" in shown.out) == (1, True)
    assert shown.err == (
        "apply would refuse: --prune would delete 11 of the 24 resources that the source holds; the limit is 10\n"
        "  look at them with diff --prune; if they are to go, say --max-deletes 11\n"
    )
    assert stored("diff", "-f", stored.manifests, "--prune", "--max-deletes", "50%").err == ""
    stored.ok("apply", "-f", stored.manifests, "--prune", "--max-deletes", "11")


def test_what_is_protected(stored: Routerctl) -> None:
    stored.ok("annotate", "model/x-0", "routerctl.dev/protected=true")
    stored.write("x.yaml", *MODELS[1:])
    before = stored.ok("export")
    done = stored("apply", "-f", stored.manifests, "--prune", "--allow-empty", "--max-deletes", "100%")
    assert (done.code, "protected from being deleted: Model/x-0" in done.err) == (4, True)
    assert stored.ok("export") == before


def test_what_git_was_told_to_remove_goes(stored: Routerctl, repository: Repository) -> None:
    repository.git("rm", "--quiet", "s-a.yaml")
    out = stored.ok("apply", "-f", stored.manifests, "--prune")
    assert out.count("deleted   ") == 3
