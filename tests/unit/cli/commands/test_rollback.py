from fakes.command import Routerctl, served


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
