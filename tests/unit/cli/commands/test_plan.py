import json
from pathlib import Path

import pytest
from fakes.command import Routerctl, manifest, served

LITERAL = manifest(
    "Provider", "p", {"type": "lm-studio", "config": {"baseURL": "http://a", "apiKey": "sk-canary"}}
)


@pytest.fixture
def plan_file(routerctl: Routerctl) -> Path:
    return routerctl.folder / "plan.json"


def plan(routerctl: Routerctl, file: Path, *more: str) -> str:
    return routerctl.ok("plan", "-f", routerctl.manifests, "--out", file, *more)


def test_it_is_shown_as_diff_shows_it_and_written(routerctl: Routerctl, plan_file: Path) -> None:
    routerctl.write("a.yaml", served("m"))
    shown = routerctl("diff", "-f", routerctl.manifests).out
    done = routerctl("plan", "-f", routerctl.manifests, "--out", plan_file)
    assert (done.code, done.out) == (0, f"{shown}Plan written to {plan_file}\n")
    assert done.err == f"To apply it: routerctl --db {routerctl.db} apply --plan {plan_file}\n"
    document = json.loads(plan_file.read_text())
    assert [each["name"] for each in document["changes"]] == ["m", "m", "m"]
    assert [each["path"] for each in document["inputs"]] == ["a.yaml"]
    assert [each["effect"] for each in document["impact"]] == ["gained-model", "appeared-name"]
    assert not routerctl.db.exists()


def test_a_plan_without_changes_is_one(routerctl: Routerctl, plan_file: Path) -> None:
    routerctl.apply(served("m"))
    assert plan(routerctl, plan_file).startswith("No changes against revision 1.\n")
    assert json.loads(plan_file.read_text())["changes"] == []
    assert routerctl.ok("apply", "--plan", plan_file) == "No changes. Revision 1 is the head.\n"


def test_for_programs_it_is_shown_as_data_alone(routerctl: Routerctl, plan_file: Path) -> None:
    routerctl.write("a.yaml", served("m"))
    assert json.loads(plan(routerctl, plan_file, "-o", "json"))["summary"]["create"] == 3


def test_to_stdout_goes_the_plan_alone(routerctl: Routerctl) -> None:
    routerctl.write("a.yaml", served("m"))
    out = routerctl.ok("plan", "-f", routerctl.manifests, "--out", "-")
    assert json.loads(out)["format"] == "routerctl.dev/plan.v1"
    assert routerctl("apply", "--plan", "-", stdin=out).out.endswith("\n")
    assert routerctl.ok("get", "models", "-o", "name") == "model/m\n"


def test_a_secret_is_in_it_as_the_vault_holds_it(routerctl: Routerctl, plan_file: Path) -> None:
    routerctl.write("a.yaml", LITERAL)
    plan(routerctl, plan_file)
    assert "sk-canary" not in plan_file.read_text()
    assert len(json.loads(plan_file.read_text())["seals"]) == 1
    routerctl.ok("apply", "--plan", plan_file)
    assert routerctl("diff", "-f", routerctl.manifests).code == 0


def test_without_the_key_of_the_store_no_secret_can_be_planned(routerctl: Routerctl, plan_file: Path) -> None:
    routerctl.apply(LITERAL)
    routerctl.db.with_suffix(".key").unlink()
    done = routerctl("plan", "-f", routerctl.manifests, "--out", plan_file)
    assert (done.code, "there is no encryption key" in done.err, plan_file.exists()) == (5, True, False)


def test_what_apply_would_refuse_is_not_written(routerctl: Routerctl, plan_file: Path) -> None:
    routerctl.apply(served("m"))
    routerctl.write("a.yaml", served("n"), served("o"))
    done = routerctl("plan", "-f", routerctl.manifests, "--prune", "--out", plan_file)
    assert (done.code, "--allow-empty" in done.err, plan_file.exists()) == (4, True, False)
    plan(routerctl, plan_file, "--prune", "--allow-empty")
    routerctl.ok("apply", "--plan", plan_file)
    assert routerctl.ok("get", "models", "-o", "name") == "model/n\nmodel/o\n"


def test_an_impact_that_must_not_be_is_not_written(routerctl: Routerctl, plan_file: Path) -> None:
    routerctl.write("a.yaml", served("m"))
    done = routerctl("plan", "-f", routerctl.manifests, "--fail-on", "gained-model", "--out", plan_file)
    assert (done.code, plan_file.exists()) == (4, False)


def test_a_file_that_can_not_be_written(routerctl: Routerctl) -> None:
    routerctl.write("a.yaml", served("m"))
    done = routerctl("plan", "-f", routerctl.manifests, "--out", routerctl.folder / "none" / "plan.json")
    assert (done.code, "the plan can't be written to" in done.err) == (5, True)
