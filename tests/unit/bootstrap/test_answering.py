from pathlib import Path

import pytest
from fakes.store import SteppingClock, commit_all, provider, put

from reconciler.bootstrap.answering import Answering
from reconciler.store.records import StoreMissing
from reconciler.store.url import parse


def test_all_of_a_store_is_opened_for_a_question(tmp_path: Path) -> None:
    commit_all(tmp_path / "s.db", [put(provider("p"))])
    with Answering(parse(str(tmp_path / "s.db")), {"CANARY": "canary"}, SteppingClock()).open() as store:
        assert store.records.head() == 1
        assert store.observing.seen().workers == ()
        assert store.traffic.last() == 0
        assert len(store.accounts.audit()) == 1


def test_there_may_be_no_store_and_the_environment_is_not_shown(tmp_path: Path) -> None:
    answering = Answering(parse(str(tmp_path / "s.db")), {"CANARY": "canary"}, SteppingClock())
    assert "canary" not in repr(answering)
    with pytest.raises(StoreMissing), answering.open():
        pass
