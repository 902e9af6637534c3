import pytest
from fakes.command import Routerctl, served
from fakes.workers import live_worker

from reconciler.cli.serving_output import say_served
from reconciler.cli.session import Session
from reconciler.errors import TimedOut, Unreachable, WorkerRefused


@pytest.fixture
def session(routerctl: Routerctl) -> Session:
    routerctl.apply(served("m"))
    return Session({}, str(routerctl.db))


def test_nothing_serves(session: Session, routerctl: Routerctl, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    say_served(session, 1, wait=False, timeout=0)
    start = f"routerctl --db {routerctl.db} up"
    assert capsys.readouterr().err == f"Nothing serves this store; start it with: {start}\n"
    with pytest.raises(Unreachable):
        say_served(session, 1, wait=True, timeout=0)


def test_somebody_serves(session: Session, routerctl: Routerctl, capsys: pytest.CaptureFixture[str]) -> None:
    live_worker(routerctl.db, revision=1)
    capsys.readouterr()
    say_served(session, 1, wait=False, timeout=0)
    assert capsys.readouterr() == ("", "")
    say_served(session, 1, wait=True, timeout=0)
    assert capsys.readouterr().out == "1 worker serves revision 1.\n"
    say_served(session, 1, wait=True, timeout=0, beside=True)
    assert capsys.readouterr() == ("", "1 worker serves revision 1.\n")


def test_somebody_lags_or_refuses(session: Session, routerctl: Routerctl) -> None:
    live_worker(routerctl.db, revision=1, refused=(("Provider/m", "no key"),))
    with pytest.raises(TimedOut):
        say_served(session, 2, wait=True, timeout=0)
    with pytest.raises(WorkerRefused, match="Provider/m: no key"):
        say_served(session, 1, wait=True, timeout=0)
