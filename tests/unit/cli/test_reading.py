from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from fakes.command import Routerctl, manifest
from fakes.managed import Managed
from fakes.traffic import row, write

from reconciler.cli.reading import accounts_of, observing_of, records_of, traffic_of
from reconciler.cli.session import Session
from reconciler.remote.server import Told
from reconciler.store.records import StoreMissing


@pytest.fixture
def remote(managed: Managed) -> Iterator[Session]:
    session = Session({}, told=Told(managed.url, str(managed.token())))
    yield session
    session.close()


@pytest.fixture
def local(routerctl: Routerctl) -> Session:
    routerctl.apply(manifest("Model", "m"))
    write(routerctl.db.with_name("routerctl-traffic.db"), row())
    return Session({}, str(routerctl.db))


@pytest.mark.parametrize("where", ["local", "remote"])
def test_the_store_that_is_meant_is_read(local: Session, where: str, request: pytest.FixtureRequest) -> None:
    session: Session = local if where == "local" else request.getfixturevalue("remote")
    with records_of(session) as records:
        assert records.head() == 1
    with observing_of(session) as observing:
        assert observing.seen().store == local.location.url
    with accounts_of(session) as accounts:
        assert accounts.verified().problems == ()
    assert traffic_of(session).last() == 1


OPENED: list[Callable[[Session], AbstractContextManager[object]]] = [records_of, accounts_of]


@pytest.mark.parametrize("opened", OPENED)
def test_where_there_is_no_store_none_is_made(
    tmp_path: Path, opened: Callable[[Session], AbstractContextManager[object]]
) -> None:
    with pytest.raises(StoreMissing), opened(Session({}, str(tmp_path / "none.db"))):
        pass
    with pytest.raises(StoreMissing):
        traffic_of(Session({}, str(tmp_path / "none.db")))
    assert list(tmp_path.iterdir()) == []


def test_records_of_requests_may_be_all_that_there_is(tmp_path: Path) -> None:
    session = Session({}, str(tmp_path / "none.db"))
    write(session.location.traffic_path, row())
    assert traffic_of(session).last() == 1
