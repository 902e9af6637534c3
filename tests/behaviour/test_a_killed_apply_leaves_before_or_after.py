"""kill -9 within the real command: what it wrote, sealed secrets included, is all there or not at all.

Many more kills, within the commit alone, are in test_a_crash_leaves_before_or_after.py. ROUTERCTL_TEST_KILLED_COMMANDS sets
the number of kills at random times.
"""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from fakes.command_processes import Conditions, start
from fakes.running import ROOT, routerctl, served_by
from fakes.store import vault_ids
from sizes import seed, size

from reconciler.bootstrap.ciphers import load_cipher
from reconciler.resources.resource import ResourceKey
from reconciler.secrets.cipher import Place
from reconciler.store.failpoints import NAMES, FailpointName
from reconciler.store.reader import Reader
from reconciler.store.url import parse
from reconciler.store.verify import verify

pytestmark = [pytest.mark.slow, pytest.mark.torture]

PROVIDERS = ("a", "b", "c")
_MEASURED = 4
"""Applies that are let alone first, to know how long one takes."""
OF_FIRST_APPLY: tuple[FailpointName, ...] = ("after-begin", "after-seals", "before-commit", "after-commit")


def key_of(name: str, turn: int) -> str:
    return f"sk-{name}-{turn}-literal"


def write(folder: Path, turn: int) -> None:
    """Every provider and its key differ from turn to turn."""
    folder.mkdir(exist_ok=True)
    for name in PROVIDERS:
        config = {"baseURL": "http://127.0.0.1:9/v1", "apiKey": key_of(name, turn)}
        spec = {"type": "openai-compatible", "description": f"turn {turn}", "config": config}
        (folder / f"{name}.yaml").write_text(served_by(name, spec))


def killed_apply(db: Path, folder: Path, failpoint: FailpointName) -> None:
    running = start(db, "apply", "-f", str(folder), conditions=Conditions(failpoint))
    assert running.ended() == -signal.SIGKILL


def killed_process(db: Path, folder: Path, failpoint: FailpointName) -> None:
    """As above, in a process that was started as a user starts it."""
    done = subprocess.run(
        [sys.executable, "-m", "reconciler", "--db", str(db), "apply", "-f", str(folder)],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "ROUTERCTL_FAILPOINT": failpoint},
        timeout=120,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def check(db: Path, turns: Mapping[int, int]) -> None:
    """The whole store is as its head left it; `turns` says which turn each revision is of."""
    path = parse(str(db)).config_path
    whole(db)
    with Reader(path) as reader:
        assert verify(reader) == []
        assert [revision.number for revision in reader.revisions()] == sorted(turns, reverse=True)
        for number, turn in turns.items():
            check_state(reader, db, number, turn)
    assert len(vault_ids(path)) == len(turns) * len(PROVIDERS)


def whole(db: Path) -> None:
    with closing(sqlite3.connect(db)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def check_state(reader: Reader, db: Path, number: int, turn: int) -> None:
    stored = {str(key): item.resource.spec for key, item in reader.state_at(number).items()}
    assert len(stored) == 3 * len(PROVIDERS)
    assert {stored[f"Provider/{name}"]["description"] for name in PROVIDERS} == {f"turn {turn}"}
    assert {name: opened(reader, db, number, name) for name in PROVIDERS} == {
        name: key_of(name, turn) for name in PROVIDERS
    }


def opened(reader: Reader, db: Path, number: int, name: str) -> str:
    stored = reader.get(ResourceKey("Provider", "default", name), at=number)
    cipher = load_cipher(parse(str(db)), {}, reader)
    assert stored is not None
    assert cipher is not None
    config = stored.resource.spec["config"]
    assert isinstance(config, dict)
    sealed = config["apiKey"]
    assert isinstance(sealed, dict)
    entry = reader.vault_entry(str(sealed["sealed"]))
    assert entry is not None
    return cipher.open(Place(*entry.place.split("/", 3)), entry.ciphertext, entry.key_id).reveal()


@pytest.fixture(scope="session")
def applied_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store at revision 1, to be copied."""
    folder = tmp_path_factory.mktemp("applied-once")
    (folder / "routerctl.yaml").write_text("source: git\n")  # a copy is the same source
    write(folder / "manifests", 1)
    routerctl(folder / "store.db", "apply", "-f", str(folder / "manifests"))
    return folder


@pytest.mark.parametrize("failpoint", NAMES)
def test_at_every_named_place(tmp_path: Path, applied_once: Path, failpoint: FailpointName) -> None:
    home = tmp_path / "home"
    shutil.copytree(applied_once, home)
    db, manifests = home / "store.db", home / "manifests"
    write(manifests, 2)
    killed_apply(db, manifests, failpoint)
    turns = {1: 1, 2: 2} if failpoint == "after-commit" else {1: 1}
    check(db, turns)
    write(manifests, 3)
    said = routerctl(db, "apply", "-f", str(manifests))
    assert f"Revision {len(turns) + 1} " in said
    check(db, {**turns, len(turns) + 1: 3})
    assert len(routerctl(db, "history", "-o", "name").split()) == len(turns) + 1


def test_in_a_process_that_a_user_started(tmp_path: Path, applied_once: Path) -> None:
    home = shutil.copytree(applied_once, tmp_path / "home")
    write(home / "manifests", 2)
    killed_process(home / "store.db", home / "manifests", "after-seals")
    check(home / "store.db", {1: 1})


def test_at_random_times(tmp_path: Path, applied_once: Path) -> None:
    """Only kills that the command did not outrun are counted."""
    chance = random.Random(seed("killed apply"))
    home = shutil.copytree(applied_once, tmp_path / "home")
    db, manifests = home / "store.db", home / "manifests"
    turns, kills, longest = {1: 1}, 0, 0.0
    for turn in count(2):
        write(manifests, turn)
        running = start(db, "apply", "-f", str(manifests))
        begun = time.monotonic()
        done = running.told.poll(chance.uniform(0, longest) if turn > _MEASURED else 30)
        longest = max(longest, time.monotonic() - begun)
        running.process.kill()
        kills += running.ended() == -signal.SIGKILL and not done
        whole(db)
        with Reader(db) as reader:
            head = reader.head()
            assert head - len(turns) in ({1} if done else {0, 1})
            turns.setdefault(head, turn)
            check_state(reader, db, head, turns[head])
        if kills == size("KILLED_COMMANDS"):
            break
    check(db, turns)


@pytest.mark.parametrize("failpoint", OF_FIRST_APPLY)
def test_in_the_apply_that_makes_the_store_and_its_key(tmp_path: Path, failpoint: FailpointName) -> None:
    db, manifests = tmp_path / "store.db", tmp_path / "manifests"
    write(manifests, 1)
    killed_apply(db, manifests, failpoint)
    check(db, {1: 1} if failpoint == "after-commit" else {})
    said = routerctl(db, "apply", "-f", str(manifests))
    assert ("No changes. Revision 1" if failpoint == "after-commit" else "Revision 1 ") in said
    check(db, {1: 1})
