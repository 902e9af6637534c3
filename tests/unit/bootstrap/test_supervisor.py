import contextlib
import logging
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from fakes.running import DEADLINE, served_by, simulator, wait
from fakes.waiting import joined

from reconciler.bootstrap import recorder
from reconciler.bootstrap import supervisor as module
from reconciler.bootstrap.supervisor import SupervisorSettings, run, say
from reconciler.bootstrap.writing import open_writer
from reconciler.clock import SystemClock
from reconciler.errors import InvalidInput, Refused, StoreError
from reconciler.log import ANNOUNCER
from reconciler.resources.principal import Role
from reconciler.secrets.key_text import mint
from reconciler.settings import Reach
from reconciler.store.observations import Observations, WorkerRow
from reconciler.store.source_status import read
from reconciler.store.tokens import Token
from reconciler.store.url import parse


@pytest.fixture
def settings(tmp_path: Path) -> SupervisorSettings:
    return SupervisorSettings(
        parse(str(tmp_path / "store.db")),
        Reach(),
        {"SOME_API_KEY": "sk-canary"},
        listen="127.0.0.1:0",
        admin_listen="127.0.0.1:0",
        grace_seconds=5,
    )


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(module, "tell", lambda news: lines.append(news.text))
    return lines


def run_until_ready(settings: SupervisorSettings, said: list[str], then: Callable[[str], None]) -> int:
    """Runs it on this thread; on another, `then(url of the management listener)` once all is served, and SIGTERM."""
    failures: list[BaseException] = []

    def accompany() -> None:
        try:
            wait(lambda: re.search(r"management on", "\n".join(said)), "the start")
            found = re.search(r"management on (\S+)/status", "\n".join(said))
            assert found is not None
            url = found[1]
            wait(lambda: httpx2.get(f"{url}/readyz", trust_env=False).status_code == 200, "readiness")
            wait(lambda: re.search(r"serving http", "\n".join(said)), "the word that it serves")
            then(url)
        except BaseException as error:  # noqa: BLE001  raised again on the test's thread
            failures.append(error)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    other = threading.Thread(target=accompany, daemon=True)
    other.start()
    code = run(settings)
    joined(other, 3 * DEADLINE)
    for failure in failures:
        raise failure
    return code


def test_serve_makes_an_empty_store_and_ends_well(settings: SupervisorSettings, said: list[str]) -> None:
    def look(url: str) -> None:
        status = httpx2.get(f"{url}/status", trust_env=False).json()
        assert status["store"]["revision"] == 0
        assert status["sources"] == []
        assert httpx2.get(f"{url}/status", headers={"Via": "1.1 proxy"}, trust_env=False).status_code == 401
        minted = mint("rt")
        token = Token(
            minted.id, "ci", minted.hash, Role.VIEWER, (), None, "2026-01-01T00:00:00Z", "local:ada"
        )
        with closing(open_writer(settings.store, SystemClock())) as writer:
            writer.add_token(token)
        headers = {"Authorization": f"Bearer {minted.text}"}
        for path in ("/status", "/metrics", "/openapi.json", "/openapi/data-plane.json"):
            assert httpx2.get(url + path, trust_env=False).status_code == 401
            assert httpx2.get(url + path, headers=headers, trust_env=False).status_code == 200

    assert run_until_ready(settings, said, look) == 0
    assert said[0] == f"store {settings.store.url} at revision 0"
    assert re.fullmatch(r"serving http://127\.0\.0\.1:\d+/v1 with 1 worker", said[2])
    assert said[3:] == ["stopping; what is under way is finished first"]
    assert Observations(settings.store.records_path).workers() == ()


def test_up_applies_first_tells_how_it_went_and_puts_old_rows_away(
    settings: SupervisorSettings, said: list[str], tmp_path: Path
) -> None:
    manifests = tmp_path / "m.yaml"
    manifests.write_text(simulator("sim", text="one"))
    observations = Observations(settings.store.records_path)
    observations.put_worker(WorkerRow("left by another", 1, 1.0, 1.0, 0))
    up = replace(settings, paths=(str(manifests),), watch=True, workers=2, source="acme")

    def look(url: str) -> None:
        def known() -> list[str]:
            workers = httpx2.get(f"{url}/status", trust_env=False).json()["workers"]
            return [worker["instance"] for worker in workers]

        wait(lambda: "left by another" not in known(), "the old row's end")
        assert len(known()) == 2

    assert run_until_ready(up, said, look) == 0
    assert said[0] == "revision 1: 3 changes from acme"
    assert said[3] == f"manifests {manifests}, watched"
    assert re.fullmatch(r"serving http://127\.0\.0\.1:\d+/v1 with 2 workers", said[4])
    (source,) = read(settings.store.records_path)
    assert (source.source, source.paths, source.error) == ("acme", (str(manifests),), None)
    observations.close()


def test_manifests_that_can_not_be_applied_to_an_empty_store_end_it(
    settings: SupervisorSettings, said: list[str], tmp_path: Path
) -> None:
    assert run(replace(settings, paths=(str(tmp_path / "none"),))) == 3
    assert said[-1].startswith("not applied, nothing was changed")
    (source,) = read(settings.store.records_path)
    assert source.error is not None


def test_records_that_cannot_be_written_do_not_end_it(
    settings: SupervisorSettings,
    said: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def full(*_: object) -> None:
        raise StoreError("no space is left")

    monkeypatch.setattr(recorder, "put", full)
    monkeypatch.setattr(module, "put_all_away", full)
    manifests = tmp_path / "m.yaml"
    manifests.write_text(simulator("sim", text="one"))
    assert run_until_ready(replace(settings, paths=(str(manifests),)), said, lambda _: None) == 0
    assert "how the manifests do can't be recorded: no space is left" in caplog.messages
    assert "rows of old workers can't be put away: no space is left" in caplog.messages


def test_what_ends_by_itself_ends_the_rest_and_is_raised(
    settings: SupervisorSettings, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr(module, "watch", broken)
    manifests = tmp_path / "m.yaml"
    manifests.write_text(simulator("sim", text="one"))
    with pytest.raises(ValueError, match="a bug"):
        run(replace(settings, paths=(str(manifests),), watch=True))


def test_a_port_that_cannot_be_had_is_known_before_a_store_is_made(settings: SupervisorSettings) -> None:
    with pytest.raises(InvalidInput, match="is not HOST:PORT"):
        run(replace(settings, listen="nowhere"))
    with pytest.raises(Refused, match="no address"):
        run(replace(settings, admin_listen="192.0.2.1:0"))
    assert not settings.store.config_path.exists()


def test_the_environment_is_not_shown(settings: SupervisorSettings) -> None:
    assert "sk-canary" not in repr(settings)


def test_a_state_that_cannot_be_read_ends_it_before_anything_is_announced(
    settings: SupervisorSettings, said: list[str], tmp_path: Path
) -> None:
    manifests = tmp_path / "m.yaml"
    manifests.write_text(simulator("sim", text="one"))
    up = replace(settings, paths=(str(manifests),))
    assert run_until_ready(up, said, lambda _: None) == 0
    with closing(sqlite3.connect(settings.store.config_path)) as store, store:
        store.execute("UPDATE version SET body = '{' WHERE kind = 'Provider'")
    said.clear()
    for damaged in (settings, up):
        with pytest.raises(StoreError, match="stored row of Provider/sim can't be read"):
            run(damaged)
    assert said == []


def test_a_refused_provider_is_told_when_it_begins_and_when_it_ends(
    settings: SupervisorSettings, said: list[str], tmp_path: Path
) -> None:
    manifests, key = tmp_path / "m.yaml", tmp_path / "key"
    config = {"baseURL": "http://127.0.0.1:9/v1", "apiKey": {"valueFrom": {"file": str(key)}}}
    manifests.write_text(served_by("far", {"type": "openai-compatible", "config": config}))
    up = replace(settings, paths=(str(manifests),), watch=True, reach=Reach(file_folders=(str(tmp_path),)))

    def heard(*words: str) -> list[str]:
        return [
            line for line in said if line.startswith("Provider/far") and all(word in line for word in words)
        ]

    def look(_url: str) -> None:
        wait(lambda: heard(str(key)), "the refusal", lambda: "\n".join(said))
        key.write_text("sk-canary")
        manifests.write_text(
            served_by("far", {"type": "openai-compatible", "config": {**config, "timeout": "9s"}})
        )
        wait(lambda: heard("no longer"), "its end")

    assert run_until_ready(up, said, look) == 0
    assert len(heard()) == 2
    assert "sk-canary" not in "\n".join(said)


def test_a_line_for_people_is_written_whatever_the_level(capfd: pytest.CaptureFixture[str]) -> None:
    code = "from reconciler.bootstrap.supervisor import say; from reconciler.log import log_to_stderr; "
    code += "log_to_stderr(40); say('store x at revision 1')"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
    assert capfd.readouterr().err.endswith("Z INFO routerctl: store x at revision 1\n")


def test_no_handler_is_left_behind(settings: SupervisorSettings, said: list[str]) -> None:
    before = signal.getsignal(signal.SIGTERM)
    assert run_until_ready(settings, said, lambda _: None) == 0
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_line_that_nobody_reads_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stderr = os.fdopen(writing, "w", buffering=1)
    handler = logging.StreamHandler(stderr)
    announcer = logging.getLogger(ANNOUNCER)
    announcer.addHandler(handler)
    announcer.setLevel(logging.INFO)
    try:
        with monkeypatch.context() as patched:
            patched.setattr("sys.stderr", stderr)
            say("nobody hears this")
    finally:
        announcer.removeHandler(handler)
        announcer.setLevel(logging.NOTSET)
        with contextlib.suppress(OSError):
            stderr.close()
