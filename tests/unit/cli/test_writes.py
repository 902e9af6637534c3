from pathlib import Path

from fakes.listening import make_store

from reconciler.bootstrap.writes import LocalWrites
from reconciler.cli.session import Session
from reconciler.cli.writes import writes_of
from reconciler.remote.server import Told
from reconciler.remote.writes import RemoteWrites
from reconciler.store.url import parse


def test_a_session_says_where_is_written(tmp_path: Path) -> None:
    db = str(tmp_path / "s.db")
    make_store(parse(db))
    assert isinstance(writes_of(Session({}, db)), LocalWrites)
    asked = Session({}, told=Told("http://127.0.0.1:1"))
    assert isinstance(writes_of(asked), RemoteWrites)
    asked.close()
