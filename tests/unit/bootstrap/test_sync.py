import fcntl
import hmac
import os
import re
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from fakes.repository import ENVIRONMENT, Repository
from fakes.running import DEADLINE, simulator, wait
from fakes.waiting import joined

from reconciler.bootstrap import sync as module
from reconciler.bootstrap.following import Following
from reconciler.bootstrap.sync import SyncSettings, run
from reconciler.control.git.remote import parse_remote
from reconciler.control.sync import Branch
from reconciler.errors import Conflict, Refused
from reconciler.secrets.value import SecretValue
from reconciler.store.reader import Reader
from reconciler.store.source_status import read
from reconciler.store.url import parse


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.commit("One", {"a.yaml": simulator("sim", text="one")})
    return made


@pytest.fixture
def settings(tmp_path: Path, repository: Repository) -> SyncSettings:
    branch = Branch(parse_remote(str(repository.folder)), interval_seconds=1000.0)
    following = Following(branch, hook_secret=SecretValue("s3cret"))
    return SyncSettings(parse(str(tmp_path / "store.db")), following, ENVIRONMENT)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(module, "say", lines.append)
    return lines


def run_with(settings: SyncSettings, said: list[str], then: Callable[[], None]) -> int:
    """Runs it on this thread; once it has begun, `then` on another, and SIGTERM."""
    failures: list[BaseException] = []

    def accompany() -> None:
        try:
            wait(lambda: any(line.startswith("following ") for line in said), "the beginning")
            then()
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


def head(settings: SyncSettings) -> int:
    with Reader(settings.store.config_path) as reader:
        return reader.head()


def test_once_is_over_after_one_look(settings: SyncSettings, repository: Repository) -> None:
    assert run(replace(settings, once=True)) == 0
    assert head(settings) == 1
    repository.git("branch", "-m", "main", "trunk")
    assert run(replace(settings, once=True)) == 3


def test_once_that_applies_nothing_leaves_no_row(settings: SyncSettings, repository: Repository) -> None:
    branch = settings.following.branch
    wrong = replace(settings, once=True, following=Following(replace(branch, name="wrong")))
    assert run(wrong) == 3
    assert read(settings.store.records_path) == ()
    assert run(replace(settings, once=True)) == 0
    repository.git("branch", "-m", "main", "trunk")
    assert run(replace(settings, once=True)) == 3
    assert [row.commit is not None for row in read(settings.store.records_path)] == [True]


def test_a_webhook_makes_it_look_long_before_the_interval(
    settings: SyncSettings, repository: Repository, said: list[str]
) -> None:
    def push() -> None:
        wait(lambda: head(settings) == 1, "the first revision")
        wait(lambda: "management on" in "\n".join(said), "the listener")
        found = re.search(r"management on (\S+)/status", "\n".join(said))
        assert found is not None
        with httpx2.Client(base_url=found[1], trust_env=False) as client:
            wait(lambda: client.get("/readyz").status_code == 200, "readiness")
            commit = repository.commit("Two", {"a.yaml": simulator("sim", text="two")})
            body = b"{}"
            digest = hmac.digest(b"s3cret", body, "sha256").hex()
            headers = {"content-type": "application/json"}
            assert client.post("/hooks/git", content=body, headers=headers).status_code == 401
            headers["x-hub-signature-256"] = f"sha256={digest}"
            assert client.post("/hooks/git", content=body, headers=headers).status_code == 202
            wait(lambda: head(settings) == 2, "the push")
            wait(lambda: client.get("/status").json()["sources"][0]["commit"] == commit, "the status")
            assert client.get("/metrics").status_code == 200

    before = signal.getsignal(signal.SIGTERM)
    assert run_with(replace(settings, admin_listen="127.0.0.1:0"), said, push) == 0
    assert signal.getsignal(signal.SIGTERM) == before
    assert said[:2] == [
        f"store {settings.store.url} at revision 0",
        f"following file://{repository.folder}#main",
    ]


def test_without_a_listener_it_goes_by_its_interval(
    settings: SyncSettings, repository: Repository, said: list[str]
) -> None:
    following = settings.following
    often = replace(
        settings, following=replace(following, branch=replace(following.branch, interval_seconds=0.05))
    )

    def push() -> None:
        wait(lambda: head(settings) == 1, "the first revision")
        repository.commit("Two", {"a.yaml": simulator("sim", text="two")})
        wait(lambda: head(settings) == 2, "the push")

    assert run_with(often, said, push) == 0
    assert not any("management" in line for line in said)


def test_before_it_is_ready_it_says_so() -> None:
    process = module._Process.__new__(module._Process)
    process._looked = False
    assert process.not_ready() == "the branch was not looked at yet"


def test_what_is_taken_is_known_before_anything_is_done(settings: SyncSettings) -> None:
    with pytest.raises(Refused, match="no address"):
        run(replace(settings, admin_listen="192.0.2.1:0"))
    assert not settings.store.config_path.exists()
    mirror = settings.store.config_path.with_name("store-git")
    assert run(replace(settings, once=True)) == 0
    (lock,) = mirror.glob("*/lock")
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Conflict, match="another process follows main of"):
            run(replace(settings, once=True))
