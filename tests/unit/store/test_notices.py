from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from reconciler.store.notices import HELD_SECONDS, Notice, current, say
from reconciler.store.observations import Observations


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Observations]:
    with closing(Observations(tmp_path / "s-records.db")) as opened:
        yield opened


def test_what_is_wrong_is_so_for_as_long_as_it_is_said(records: Observations) -> None:
    assert current(records, 0.0) == ()
    say(records, "7", {"tls": "no key", "listener": "closed"}, 100.0)
    say(records, "7", {"tls": "no certificate"}, 110.0)
    assert current(records, 111.0) == (Notice("tls", 100.0, "no certificate"),)
    say(records, "8", {"tls": "no certificate"}, 112.0)
    assert current(records, 113.0) == (Notice("tls", 100.0, "no certificate"),)
    assert current(records, 111.0 + HELD_SECONDS) == (Notice("tls", 112.0, "no certificate"),)
    say(records, "8", {}, 113.0 + HELD_SECONDS)
    assert current(records, 113.0) == ()
