from fakes.command import Routerctl, served

from reconciler.cli.applying import apply_file, apply_wanted
from reconciler.cli.intaking import wanted_of
from reconciler.cli.session import Session


def session_of(routerctl: Routerctl) -> Session:
    return Session({}, str(routerctl.db))


def test_what_is_wanted_becomes_a_revision(routerctl: Routerctl) -> None:
    routerctl.write("a.yaml", served("m"))
    wanted = wanted_of(session_of(routerctl), [str(routerctl.manifests)], None, "here")
    applied = apply_wanted(session_of(routerctl), wanted, "why")
    assert (applied.revision.number, applied.revision.message, applied.revision.source) == (1, "why", "here")


def test_what_was_planned_becomes_one(routerctl: Routerctl) -> None:
    routerctl.write("a.yaml", served("m"))
    file = routerctl.folder / "plan.json"
    routerctl.ok("plan", "-f", routerctl.manifests, "--source", "here", "--out", file)
    done = apply_file(session_of(routerctl), str(file), "why")
    assert (done.revision.number, done.revision.message, done.revision.source) == (1, "why", "here")
