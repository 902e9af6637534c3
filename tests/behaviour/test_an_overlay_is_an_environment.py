"""`-k`: one base, several environments, each of them with a life of its own."""

import json
import shutil
from pathlib import Path

import pytest
from fakes.command import Routerctl, manifest, served

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "overlays"


@pytest.fixture
def overlays(routerctl: Routerctl) -> Path:
    """The overlays dev and prod of a base with two providers and what they serve, as one source."""
    folder = routerctl.folder / "tree"
    write(folder / "routerctl.yaml", "source: acme\n")
    write(folder / "base" / "kustomization.yaml", "resources: [one.yaml, two.yaml]\n")
    write(folder / "base" / "one.yaml", served("one"))
    write(folder / "base" / "two.yaml", served("two"))
    for name in ("dev", "prod"):
        write(folder / name / "kustomization.yaml", f"resources: [../base]\nnamePrefix: {name}-\n")
    return folder


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def stored(routerctl: Routerctl) -> dict[str, str]:
    """Provider → the place that the store remembers."""
    items = routerctl("get", "providers", "-A", "-o", "json").json()["items"]
    names = [item["metadata"]["name"] for item in items]
    lines = [line for name in names for line in routerctl.ok("describe", "provider", name).splitlines()]
    return dict(zip(names, [line.split()[-1] for line in lines if line.startswith("File")], strict=True))


def test_what_is_applied_is_the_same_again(routerctl: Routerctl, overlays: Path) -> None:
    routerctl.ok("apply", "-k", overlays / "prod")
    assert routerctl("diff", "-k", overlays / "prod").code == 0
    assert stored(routerctl) == {"prod-one": "prod/", "prod-two": "prod/"}
    bindings = routerctl("get", "bindings", "-o", "json").json()["items"]
    assert [item["spec"]["provider"] for item in bindings] == ["prod-one", "prod-two"]


def test_a_prune_stays_within_its_overlay(routerctl: Routerctl, overlays: Path) -> None:
    write(overlays / "plain" / "a.yaml", manifest("Provider", "plain"))
    for given in (("-k", overlays / "dev"), ("-k", overlays / "prod"), ("-f", overlays / "plain")):
        routerctl.ok("apply", *given)
    write(overlays / "base" / "kustomization.yaml", "resources: [one.yaml]\n")
    assert "--prune deletes" in routerctl("diff", "-k", overlays / "prod").out
    routerctl.ok("apply", "-k", overlays / "prod", "--prune")
    assert set(stored(routerctl)) == {"dev-one", "dev-two", "prod-one", "plain"}
    assert routerctl.ok("apply", "-f", overlays / "plain", "--prune").startswith("No changes")
    assert set(stored(routerctl)) == {"dev-one", "dev-two", "prod-one", "plain"}


def test_an_error_has_the_place_where_it_was_written(routerctl: Routerctl, overlays: Path) -> None:
    write(
        overlays / "prod" / "kustomization.yaml",
        "resources: [../base]\nlabels: [{pairs: {env: a b}}]\npatches:\n- path: p.yaml\n- target: {kind: Model}\n  patch: |-\n"
        "    - {op: add, path: /spec/contextWindow, value: many}\n",
    )
    write(
        overlays / "prod" / "p.yaml",
        "apiVersion: routerctl.dev/v1\nkind: Provider\nmetadata: {name: one}\nspec:\n  config: {latency: [1]}\n",
    )
    write(
        overlays / "base" / "two.yaml",
        manifest("Provider", "two", {"type": "simulator", "config": {"txt": "x"}}),
    )
    done = routerctl("validate", "-k", overlays / "prod", "-o", "json")
    places = {
        (Path(item["file"]).name, item["line"], item["field"]) for item in json.loads(done.out)["problems"]
    }
    assert done.code == 3
    assert {
        ("p.yaml", 5, "spec.config.latency"),
        ("kustomization.yaml", 2, "metadata.labels.env"),
        ("kustomization.yaml", 7, "spec.contextWindow"),
        ("two.yaml", 2, "spec.config.txt"),
    } <= places


def test_a_faulty_overlay_changes_nothing(routerctl: Routerctl, overlays: Path) -> None:
    write(overlays / "prod" / "kustomization.yaml", "resources: [../base]\nnamePrefx: prod-\n")
    done = routerctl("apply", "-k", overlays / "prod")
    assert done.code == 3
    assert (
        'prod/kustomization.yaml:2:1: error: namePrefx: unknown field "namePrefx"; did you mean "namePrefix"?'
        in done.err
    )
    assert not routerctl.db.exists()


def test_one_way_to_name_manifests_is_needed(routerctl: Routerctl) -> None:
    assert routerctl("diff", "-k", "a", "-f", "b").code == 2
    assert "Missing option '-f' / '--filename' or '-k' / '--kustomize'" in routerctl("validate").err


@pytest.mark.parametrize("name", ["base", "dev", "prod"])
def test_the_examples_are_valid(routerctl: Routerctl, name: str) -> None:
    overlays = shutil.copytree(EXAMPLES, routerctl.folder / "overlays")
    done = routerctl("validate", "-k", overlays / name, "--closed")
    assert (done.code, done.err) == (0, "")
    assert "dev" in {path.name for path in overlays.iterdir()}


def test_a_diff_names_the_file_in_which_each_resource_is_written(
    routerctl: Routerctl, overlays: Path
) -> None:
    shown = routerctl("diff", "-k", overlays / "prod").out
    assert f"  ({overlays / 'base' / 'one.yaml'})\n" in shown
    routerctl.ok("apply", "-k", overlays / "prod")
    write(overlays / "base" / "kustomization.yaml", "resources: [one.yaml]\n")
    assert "  (overlay prod/)\n" in routerctl("diff", "-k", overlays / "prod", "--prune").out


def test_so_it_does_where_the_overlay_is_the_root_of_its_source(routerctl: Routerctl) -> None:
    """What the store remembers of it is "./"."""
    alone = routerctl.folder / "alone"
    write(alone / "kustomization.yaml", "resources: [one.yaml, two.yaml]\n")
    for name in ("one", "two"):
        write(alone / f"{name}.yaml", served(name))
    routerctl.monkeypatch.chdir(alone)
    assert "  (one.yaml)\n" in routerctl("diff", "-k", ".").out
    routerctl.ok("apply", "-k", ".")
    write(alone / "kustomization.yaml", "resources: [one.yaml]\n")
    assert "  (overlay at its source's root)\n" in routerctl("diff", "-k", ".", "--prune").out
