import json
from pathlib import Path

import pytest
from fakes.command import Routerctl, manifest, served

LITERAL = manifest(
    "Provider", "p", {"type": "lm-studio", "config": {"baseURL": "http://a", "apiKey": "sk-canary"}}
)


@pytest.fixture
def file(routerctl: Routerctl) -> Path:
    """A plan against revision 1: one provider changed, one added."""
    routerctl.apply(served("m"))
    routerctl.write("a.yaml", served("m", priority=2), LITERAL)
    path = routerctl.folder / "plan.json"
    routerctl.ok("plan", "-f", routerctl.manifests, "--prune", "--out", path)
    return path


def test_it_is_shown_as_it_was_made_with_what_it_was_made_from(routerctl: Routerctl, file: Path) -> None:
    shown = routerctl("diff", "-f", routerctl.manifests, "--prune").out
    head, _, rest = routerctl.ok("show", file).partition("\n\n")
    assert [line.split(":")[0] for line in head.splitlines()] == [
        "Plan",
        "Base",
        "Manager",
        "Inputs",
        "Prune",
    ]
    assert "Base:       revision 1, sha256:" in head
    assert [line for line in rest.splitlines() if "apiKey" not in line] == [
        line for line in shown.splitlines() if "apiKey" not in line
    ]


def test_it_is_shown_without_a_store(routerctl: Routerctl, file: Path) -> None:
    done = routerctl.plain("--db", routerctl.folder / "none.db", "show", file)
    assert (done.code, "spec.priority: 0 → 2" in done.out) == (0, True)
    assert "spec.config.apiKey: (sealed, fingerprint " in done.out


def test_for_programs_and_for_a_pull_request(routerctl: Routerctl, file: Path) -> None:
    told = json.loads(routerctl.ok("show", file, "-o", "json"))
    assert (told["prune"], told["commit"], told["scopes"], told["relies"]) == (True, None, [""], [])
    assert told["plan"]["summary"]["create"] == 1
    assert [each["path"] for each in told["inputs"]] == ["a.yaml"]
    assert routerctl.ok("show", file, "-o", "markdown").startswith("**routerctl**: 1 to create, 1 to update")


def test_what_became_of_it(routerctl: Routerctl, file: Path) -> None:
    out = routerctl.ok("apply", "--plan", file)
    assert out.splitlines()[:2] == ["updated   Provider/m", "created   Provider/p"]
    assert out.splitlines()[2].startswith("Revision 2  digest sha256:")
    again = routerctl.ok("apply", "--plan", file)
    assert again == "The plan was applied as revision 2; nothing is left to do.\n"


def test_what_became_of_it_for_programs(routerctl: Routerctl, file: Path) -> None:
    first = json.loads(routerctl.ok("apply", "--plan", file, "-o", "json"))
    second = json.loads(routerctl.ok("apply", "--plan", file, "-o", "json"))
    assert (first["changed"], first["alreadyAppliedAs"], first["revision"]["number"]) == (True, None, 2)
    assert (second["changed"], second["alreadyAppliedAs"], second["revision"]["number"]) == (False, 2, 2)
