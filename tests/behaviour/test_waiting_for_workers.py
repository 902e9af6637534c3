"""`apply --wait`: returns when every live worker serves the revision, and says who does not, or not all of it."""

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.running import Running, Said, running, said, served_by, simulator
from fakes.upstream import Answer, FakeUpstream, ReceivedRequest

from reconciler.store.observations import Observations
from reconciler.store.url import parse

pytestmark = pytest.mark.slow

WORKERS = 4
ANSWER = Answer((b'{"choices": [{"message": {"content": "from upstream"}}]}',))
HOUR = 3600.0


def real(secrets: Path, key: str, url: str = "http://127.0.0.1:9/v1") -> str:
    reference = {"valueFrom": {"file": str(secrets / key)}}
    return served_by("real", {"type": "openai-compatible", "config": {"baseURL": url, "apiKey": reference}})


def apply(db: Path, manifests: str, *flags: str) -> Said:
    file = db.parent / "m.yaml"
    file.write_text(manifests)
    return said(db, "apply", "-f", str(file), *flags)


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    folder = tmp_path / "keys"
    folder.mkdir()
    (folder / "there").write_text("key-one\n")
    return folder


def test_four_workers_acknowledge_or_say_what_they_refuse(db: Path, secrets: Path) -> None:
    apply(db, simulator("sim", text="one") + real(secrets, "there"))
    with running("serve", "--workers", str(WORKERS), "--allow-file", str(secrets), db=db) as gateway:
        done = apply(db, simulator("sim", text="two") + real(secrets, "there"), "--wait")
        assert (done.code, done.out.splitlines()[-1]) == (0, "4 workers serve revision 2.")
        assert gateway.serves(2, workers=WORKERS)
        refused = apply(db, simulator("sim", text="three") + real(secrets, "missing"), "--wait")
        assert refused.code == 8
        assert "Revision 3 " in refused.out
        assert "Provider/real: " in refused.err
        assert str(secrets / "missing") in refused.err
        assert gateway.serves(3, workers=WORKERS)
        assert gateway.text("sim") == "three"
        back = said(db, "rollback", "2", "--wait")
        assert (back.code, back.out.splitlines()[-1]) == (0, "4 workers serve revision 4.")
        assert gateway.text("sim") == "two"
        same = apply(db, simulator("sim", text="two") + real(secrets, "there"), "--wait")
        assert (same.code, same.out.splitlines()[-1]) == (0, "4 workers serve revision 4.")


def test_without_a_worker_it_says_so(db: Path) -> None:
    done = apply(db, simulator("sim", text="one"), "--wait")
    assert done.code == 6
    assert "Revision 1 " in done.out
    assert "revision 1 is stored, but nothing serves this store" in done.err
    assert f"routerctl --db {db} up" in done.err


def test_a_worker_that_lives_and_lags_is_named_at_the_timeout(db: Path) -> None:
    """Its row beats for an hour to come, and it serves what it served."""
    apply(db, simulator("sim", text="one"))
    with running("serve", db=db) as gateway:
        observations = Observations(parse(str(db)).records_path)
        (row,) = observations.workers()
        observations.put_worker(replace(row, instance="lagging", heartbeat=row.heartbeat + HOUR))
        observations.close()
        done = apply(db, simulator("sim", text="two"), "--wait", "--timeout", "2")
        assert done.code == 7
        assert "1 of 2 workers do not serve revision 2: lagging" in done.err
        assert gateway.text("sim") == "two"


def test_a_stopped_worker_is_not_waited_for_once_it_is_not_live(db: Path) -> None:
    apply(db, simulator("sim", text="one"))
    with running("serve", "--workers", str(WORKERS), db=db) as gateway:
        stopped = min(gateway.pids())
        os.kill(stopped, signal.SIGSTOP)
        try:
            done = apply(db, simulator("sim", text="two"), "--wait")
            assert (done.code, done.out.splitlines()[-1]) == (0, "3 workers serve revision 2.")
            assert stopped not in gateway.pids()
        finally:
            os.kill(stopped, signal.SIGCONT)
        gateway.wait(lambda: gateway.serves(2, workers=WORKERS), "the worker that goes on")
        assert stopped in gateway.pids()


def keys_of(requests: list[ReceivedRequest]) -> set[str | None]:
    return {request.header("authorization") for request in requests}


def test_a_gateway_that_starts_with_a_secret_missing_serves_what_it_can(db: Path, secrets: Path) -> None:
    """The refused provider is built as it was last acknowledged; where that can't be either, it has no candidates."""

    async def whole() -> None:
        async with FakeUpstream(ANSWER) as fake:
            await asyncio.to_thread(scenario, fake)

    def serve(look: Callable[[Running], None]) -> None:
        with running("serve", "--workers", "2", "--allow-file", str(secrets), db=db) as gateway:
            look(gateway)
            assert gateway.stop() == 0

    def scenario(fake: FakeUpstream) -> None:
        apply(db, simulator("sim", text="one") + real(secrets, "there", fake.url))
        serve(lambda gateway: gateway.wait(lambda: gateway.serves(1, workers=2), "the first revision"))
        apply(db, simulator("sim", text="two") + real(secrets, "missing", fake.url))

        def as_acknowledged(gateway: Running) -> None:
            assert (gateway.text("sim"), gateway.text("real")) == ("two", "from upstream")
            assert keys_of(fake.requests) == {"Bearer key-one"}
            assert {row["refused"][0]["provider"] for row in gateway.live()} == {"Provider/real"}

        serve(as_acknowledged)
        (secrets / "there").unlink()

        def without(gateway: Running) -> None:
            assert gateway.text("sim") == "two"
            assert gateway.chat("real").status_code == 503
            assert gateway.serves(2, workers=2)

        serve(without)

    asyncio.run(whole())
