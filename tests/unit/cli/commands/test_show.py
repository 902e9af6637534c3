import json

from fakes.command import Routerctl, manifest, served
from fakes.store import commit_all


def test_a_revision_with_every_field_that_it_changed(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    routerctl.write("a.yaml", served("m", priority=4))
    routerctl.ok("apply", "-f", routerctl.manifests, "-m", "higher")
    lines = routerctl.ok("show", "2").splitlines()
    assert [line.split(":")[0] for line in lines[:8]] == [
        "Revision", "Parent", "Time", "Actor", "Operation", "Manager", "Source", "Message"
    ]  # fmt: skip
    assert lines[5] == f"Manager:    git:{routerctl.manifests}"
    assert lines[9:] == ["", "~ Provider/m  (a.yaml)", "    spec.priority: 0 → 4"]
    assert routerctl.ok("show") == routerctl.ok("show", "2")
    assert "+ Provider/m" in routerctl.ok("show", "1")


def test_for_programs(routerctl: Routerctl) -> None:
    routerctl.apply(served("m", priority=1))
    routerctl.apply(served("m", priority=2))
    routerctl.ok("rollback", "1")
    shown = json.loads(routerctl.ok("show", "-o", "json"))
    assert (shown["number"], shown["holds"], shown["plan"]["base"]) == (3, ["Provider/m"], 2)
    assert shown["changes"] == {"created": 0, "updated": 1, "deleted": 0}
    assert "Holds:      Provider/m" in routerctl.ok("show")
    assert routerctl.ok("show", "-o", "jsonpath={.plan.changes[*].fields[*].new}") == "1\n"
    assert routerctl.ok("show", "-o", "yaml").startswith("number: 3\n")


def test_a_deletion_shows_what_went_and_its_file(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"), manifest("Model", "gone", {"displayName": "G"}))
    routerctl.write("a.yaml", served("m"))
    routerctl.ok("apply", "-f", routerctl.manifests, "--prune")
    assert routerctl.ok("show").splitlines()[-4:] == [
        "- Model/gone  (a.yaml)", "    spec.displayName: G → (removed)",
        "Impact:", "  vanished-name  gone: gone → nothing",
    ]  # fmt: skip


def test_what_is_not_there(routerctl: Routerctl) -> None:
    commit_all(routerctl.db)
    done = routerctl("show")
    assert (done.code, done.err) == (
        3, f"error: there is no revision yet\n  make one with: routerctl --db {routerctl.db} apply -f DIR\n"
    )  # fmt: skip
    assert routerctl("show", "9").code == 3
