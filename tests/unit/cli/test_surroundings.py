from pathlib import Path

import pytest
from fakes.command import Routerctl, served

from reconciler.cli.session import Session
from reconciler.cli.surroundings import surroundings_of
from reconciler.store.records import StoreMissing


def test_they_are_those_of_the_flags(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    session = Session({"A": "b"}, str(routerctl.db))
    with surroundings_of(session, (("A",), (), (), ())) as around:
        assert around.environ == {"A": "b"}
        assert around.reader.head() == 1
        assert around.location == session.location


def test_without_a_store_there_are_none(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing), surroundings_of(Session({}, str(tmp_path / "x.db")), ((), (), (), ())):
        pass
