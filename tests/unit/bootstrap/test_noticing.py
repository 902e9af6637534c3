import asyncio
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from fakes.waiting import until

from reconciler.bootstrap.noticing import Noticing
from reconciler.clock import SystemClock
from reconciler.store.notices import current
from reconciler.store.observations import Observations


@dataclass
class Part:
    problem: str = ""


def told(records: Observations) -> list[tuple[str, str]]:
    now = SystemClock().now().timestamp()
    return [(each.name, each.message) for each in current(records, now)]


def test_what_is_wrong_is_said_until_it_is_right(tmp_path: Path) -> None:
    part, path = Part(), tmp_path / "s-records.db"
    with closing(Observations(path)) as records:
        noticing = Noticing(records, "7", SystemClock(), {"tls": part, "admin-tls": None, "issuer": Part()})
        noticing.look()
        assert not path.exists(), "nothing is written while nothing is wrong"
        part.problem = "no key"
        noticing.look()
        assert told(records) == [("tls", "no key")]
        part.problem = ""
        noticing.look()
        assert told(records) == []


def test_records_that_can_not_be_written_stop_nothing(tmp_path: Path) -> None:
    part = Part("no key")
    (tmp_path / "s-records.db").write_text("no database")
    with closing(Observations(tmp_path / "s-records.db")) as records:
        noticing = Noticing(records, "7", SystemClock(), {"tls": part})
        noticing.look()
        (tmp_path / "s-records.db").unlink()

        async def a_while() -> None:
            looking = asyncio.create_task(noticing.run())
            await until(lambda: told(records), "the next look")
            looking.cancel()

        asyncio.run(a_while())
        assert told(records) == [("tls", "no key")]
