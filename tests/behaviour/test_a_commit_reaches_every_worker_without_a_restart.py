"""A revision that another process commits, served by workers that were running before."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import httpx2
import pytest
from fakes.running import DEADLINE, Running, routerctl, running, served_by, simulator
from fakes.upstream import Answer, FakeUpstream, ReceivedRequest
from fakes.waiting import joined

pytestmark = pytest.mark.slow

ANSWER = Answer((b'{"choices": [{"message": {"content": "from upstream"}}]}',))


def apply(db: Path, manifests: str, *flags: str) -> str:
    file = db.parent / "m.yaml"
    file.write_text(manifests)
    return routerctl(db, "apply", "-f", str(file), *flags)


def upstream(url: str, **config: object) -> str:
    return served_by("real", {"type": "openai-compatible", "config": {"baseURL": url, **config}})


def test_all_workers_serve_it_and_untouched_providers_keep_their_connections(tmp_path: Path) -> None:
    db = tmp_path / "store.db"

    async def whole() -> None:
        async with FakeUpstream(ANSWER) as fake:
            await asyncio.to_thread(scenario, fake)

    def scenario(fake: FakeUpstream) -> None:
        apply(db, simulator("sim", text="one") + upstream(fake.url))
        with running("serve", "--workers", "2", db=db) as gateway:
            workers = gateway.pids()
            assert gateway.text("sim") == "one"
            with asked_all_the_time(gateway, "real") as answers:
                gateway.wait(lambda: len(answers) > 10, "the first answers")
                said = apply(db, simulator("sim", text="two") + upstream(fake.url), "--wait")
                before = len(answers)
                gateway.wait(lambda: len(answers) > before + 10, "answers under the new revision")
            assert "2 workers serve revision 2." in said
            assert gateway.serves(2, workers=2)
            assert gateway.text("sim") == "two"
            assert gateway.pids() == workers
            assert set(answers) == {"from upstream"}
            assert fake.connections <= len(workers)

    asyncio.run(whole())


@contextmanager
def asked_all_the_time(gateway: Running, model: str) -> Iterator[list[str]]:
    """One request after the other, so that no connection is ever idle long enough to be closed; the answers."""
    answers: list[str] = []
    done = Event()

    def ask() -> None:
        with httpx2.Client(trust_env=False, timeout=DEADLINE) as client:
            while not done.is_set():
                answers.append(replace(gateway, client=client).text(model))

    thread = Thread(target=ask, daemon=True)
    thread.start()
    try:
        yield answers
    finally:
        done.set()
        joined(thread, 2 * DEADLINE)


def key_of(request: ReceivedRequest) -> str:
    return (request.header("authorization") or "").removeprefix("Bearer ")


def test_a_provider_that_cannot_be_built_keeps_its_build_also_in_a_worker_that_starts_later(
    tmp_path: Path,
) -> None:
    """The rest of the revision serves; the worker's row and the status name the provider and the reason."""
    db, secrets = tmp_path / "store.db", tmp_path / "keys"
    secrets.mkdir()
    (secrets / "first").write_text("key-one\n")

    def key(name: str) -> dict[str, object]:
        return {"valueFrom": {"file": str(secrets / name)}}

    async def whole() -> None:
        async with FakeUpstream(ANSWER) as fake:
            await asyncio.to_thread(scenario, fake)

    def scenario(fake: FakeUpstream) -> None:
        apply(db, simulator("sim", text="one") + upstream(fake.url, apiKey=key("first")))
        with running("serve", "--allow-file", str(secrets), db=db) as gateway:
            assert gateway.text("real") == "from upstream"
            apply(db, simulator("sim", text="two") + upstream(fake.url, apiKey=key("second")))
            gateway.wait(lambda: gateway.serves(2), "the second revision")
            assert gateway.text("sim") == "two"
            degraded(gateway)
            assert gateway.text("real") == "from upstream"
            (worker,) = gateway.pids()
            os.kill(worker, signal.SIGKILL)
            gateway.wait(lambda: gateway.pids() not in ({worker}, set()), "another worker")
            degraded(gateway)
            assert gateway.text("real") == "from upstream"
            assert {key_of(request) for request in fake.requests} == {"key-one"}
            (secrets / "second").write_text("key-two\n")
            apply(db, simulator("sim", text="three") + upstream(fake.url, apiKey=key("second")))
            gateway.wait(lambda: gateway.serves(3), "the third revision")
            assert gateway.text("real") == "from upstream"
            assert key_of(fake.requests[-1]) == "key-two"
            assert gateway.live()[0]["refused"] == []

    def degraded(gateway: Running) -> None:
        (refused,) = gateway.live()[0]["refused"]
        assert refused["provider"] == "Provider/real"
        assert "second" in refused["reason"]
        condition = {each["type"]: each["status"] for each in gateway.status()["conditions"]}
        assert condition == {"Current": "True", "Degraded": "True"}
        assert gateway.metric("routerctl_provider_refused") == 1

    asyncio.run(whole())


def test_serve_may_come_before_the_first_apply(tmp_path: Path) -> None:
    """Also where that apply makes the key that the worker did not have when it started."""
    db = tmp_path / "store.db"

    async def whole() -> None:
        async with FakeUpstream(ANSWER) as fake:
            await asyncio.to_thread(scenario, fake)

    def scenario(fake: FakeUpstream) -> None:
        with running("serve", db=db) as gateway:
            assert gateway.serves(0)
            assert gateway.chat("real").status_code == 404
            apply(db, upstream(fake.url, apiKey="sk-canary-literal"), "--wait")
            assert gateway.text("real") == "from upstream"
            assert key_of(fake.requests[-1]) == "sk-canary-literal"
            assert "sk-canary" not in gateway.errors() + str(gateway.status())

    asyncio.run(whole())


def test_a_taken_port_is_said_with_what_to_do(tmp_path: Path) -> None:
    with running("serve", db=tmp_path / "store.db") as gateway:
        taken = gateway.data_url.removeprefix("http://")
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "reconciler",
                "--db",
                str(tmp_path / "other.db"),
                "serve",
                "--listen",
                taken,
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert done.returncode == 4
    assert f"error: {taken} is taken by" in done.stderr
    assert "--listen 127.0.0.1:0" in done.stderr
    assert not (tmp_path / "other.db").exists()
