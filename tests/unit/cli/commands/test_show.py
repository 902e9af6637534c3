import json

from fakes.command import Routerctl, served


def test_a_revision_with_every_field_that_it_changed(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    routerctl.write("a.yaml", served("m", priority=4))
    routerctl.ok("apply", "-f", routerctl.manifests, "-m", "higher")
    lines = routerctl.ok("show", "2").splitlines()
    assert [line.split(":")[0] for line in lines[:7]] == [
        "Revision", "Parent", "Time", "Actor", "Operation", "Source", "Message"
    ]  # fmt: skip
    assert lines[8:] == ["", "~ Provider/m  (a.yaml)", "    spec.priority: 0 → 4"]
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


def test_what_is_not_there(routerctl: Routerctl) -> None:
    routerctl.ok("apply", "-f", "-")
    done = routerctl("show")
    assert (done.code, done.err) == (
        3, "error: there is no revision yet\n  make one with: routerctl apply -f DIR\n"
    )  # fmt: skip
    assert routerctl("show", "9").code == 3
