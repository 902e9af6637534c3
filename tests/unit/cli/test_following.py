import os
import sys
from pathlib import Path

import pytest
from fakes.store import commit_all, provider, put
from fakes.traffic import row, write
from fakes.watching import commit

from reconciler.cli.following import moments, require_reader
from reconciler.cli.session import Session
from reconciler.remote.server import Told


@pytest.fixture
def session(tmp_path: Path) -> Session:
    commit_all(tmp_path / "r.db", [put(provider("a"))])
    return Session({}, str(tmp_path / "r.db"))


def test_it_goes_on_when_a_store_moves(session: Session) -> None:
    for looks, _ in enumerate(moments(session)):
        if looks == 1:
            break
        commit(session.location.config_path, put(provider("b")))()


def test_it_may_follow_the_records_of_requests(session: Session) -> None:
    path = session.location.traffic_path
    for looks, _ in enumerate(moments(session, traffic=True)):
        if looks == 1:
            break
        write(path, row())


def test_it_looks_once_where_there_is_no_time(session: Session) -> None:
    assert len(list(moments(session, seconds=0))) == 1


def test_it_looks_once_more_when_the_time_is_over(session: Session) -> None:
    assert len(list(moments(session, seconds=0.01))) == 2


def test_a_closed_pipe_is_noticed_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as output:
        monkeypatch.setattr(sys, "stdout", output)
        require_reader()
        os.close(reading)
        with pytest.raises(BrokenPipeError):
            require_reader()
        monkeypatch.undo()


def test_a_server_is_asked_now_and_then_until_the_time_is_over() -> None:
    remote = Session({}, told=Told("http://127.0.0.1:1"))
    assert len(list(moments(remote, seconds=0))) == 1
    assert len(list(moments(remote, seconds=0.01))) == 2
    for looks, _ in enumerate(moments(remote)):
        if looks == 1:
            break
