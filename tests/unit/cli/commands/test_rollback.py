from fakes.command import Routerctl, manifest, served


def test_an_earlier_state_becomes_a_new_revision(routerctl: Routerctl) -> None:
    routerctl.apply(served("m", priority=1))
    routerctl.apply(served("m", priority=2) + served("n"))
    lines = routerctl.ok("rollback", "1", "-m", "n answers nonsense").splitlines()
    source = routerctl.manifests
    assert sorted(lines[:4]) == [
        "deleted   Binding/n",
        "deleted   Model/n",
        "deleted   Provider/n",
        "updated   Provider/m",
    ]
    assert lines[4].startswith("Revision 3  digest sha256:")
    assert lines[5].startswith(f"Held against {source}: ")
    assert lines[5].endswith(f". To end it: routerctl --db {routerctl.db} resume {source}")
    assert routerctl.ok("get", "provider/m", "-o", "jsonpath={.spec.priority}") == "1\n"
    assert routerctl.ok("show", "-o", "json").count('"n answers nonsense"') == 1


def test_back_to_where_it_is(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    assert routerctl.ok("rollback", "1") == "No changes: the state is that of revision 1 already.\n"


def test_a_dry_run(routerctl: Routerctl) -> None:
    routerctl.apply(served("m", priority=1))
    routerctl.apply(served("m", priority=2))
    assert routerctl.ok("rollback", "1", "--dry-run") == (
        "~ Provider/m  (a.yaml)\n    spec.priority: 2 → 1\n"
        "1 to update, against revision 2.\nDry run: nothing was changed.\n"
    )
    assert routerctl.ok("history", "-o", "name") == "revision/2\nrevision/1\n"


def test_a_revision_that_is_not_there(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    for more in ([], ["--dry-run"]):
        done = routerctl("rollback", "9", *more)
        assert (done.code, done.err.splitlines()[0]) == (3, "error: no revision 9; the newest is 1")
    assert routerctl("rollback", "0").code == 2


def test_only_what_is_named(routerctl: Routerctl) -> None:
    routerctl.apply(served("m", priority=1) + served("n", priority=1))
    routerctl.apply(served("m", priority=2) + served("n", priority=2))
    assert routerctl.ok("rollback", "head~1", "--only", "provider/n", "--dry-run").startswith("~ Provider/n")
    lines = routerctl.ok("rollback", "1", "--only", "provider/n").splitlines()
    assert lines[0] == "updated   Provider/n"
    assert lines[2].startswith(f"Held against {routerctl.manifests}: Provider/n. ")
    assert routerctl.ok("get", "providers", "-o", "jsonpath={.items[*].spec.priority}") == "2 1\n"
    assert "rollback of Provider/n to revision 1" in routerctl.ok("history", "--limit", "1")


def test_what_would_dangle_is_refused(routerctl: Routerctl) -> None:
    routerctl.apply(manifest("Provider", "p"))
    routerctl.apply(manifest("Provider", "p"), served("m"))
    for more in ([], ["--dry-run"]):
        done = routerctl("rollback", "1", "--only", "model/m", *more)
        assert done.code == 4
        assert "Binding/m: refers to Model/m, which does not exist" in done.err
    assert routerctl("rollback", "1", "--only", "model/lost").code == 3
    assert routerctl("rollback", "1", "--only", "models").code == 2
    routerctl.ok("rollback", "1", "--only", "model/m", "--only", "binding/m")
    assert routerctl.ok("get", "providers", "-o", "name").split() == ["provider/m", "provider/p"]


def test_for_programs(routerctl: Routerctl) -> None:
    routerctl.apply(served("m", priority=1))
    routerctl.apply(served("m", priority=2))
    dry = routerctl("rollback", "1", "--dry-run", "-o", "json").json()
    assert (dry["dryRun"], dry["revision"], dry["plan"]["summary"]["update"]) == (True, None, 1)
    done = routerctl("rollback", "1", "-o", "json").json()
    assert (done["changed"], done["revision"]["number"]) == (True, 3)
    assert done["holds"] == [{"key": "Provider/m", "source": str(routerctl.manifests)}]
    assert routerctl.ok("rollback", "1", "-o", "jsonpath={.changed} {.revision.number}") == "false 3\n"
