"""The whole way is told by tests of the command: tests/unit/cli/commands/test_secret_rotate_key.py."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from fakes.workshop import Workshop, remote
from fakes.writing import KEY, someone

from reconciler.api.upkeep import Begun, Dropped
from reconciler.bootstrap.upkeep import rotating
from reconciler.bootstrap.upkeep.rotating import KeyRotation
from reconciler.clock import SystemClock
from reconciler.errors import Conflict, Refused, SecretError
from reconciler.resources.principal import Role
from reconciler.secrets.keys import LockedKeyFile, locked_key_file, read_key_file
from reconciler.store import audit
from reconciler.store.reader import Reader
from reconciler.store.url import parse

ADMIN = someone(Role.ADMIN)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    shop = Workshop(tmp_path)
    shop.write("a.yaml", remote(apiKey="sk-canary"))
    shop.apply()
    shop.close()
    key = shop.store.with_suffix(".key")
    key.write_text(KEY["ROUTERCTL_ENCRYPTION_KEY"])
    key.chmod(0o600)
    return shop.store


def rotation(store: Path, environ: Mapping[str, str] | None = None) -> KeyRotation:
    return KeyRotation(parse(str(store)), environ or {}, SystemClock(), ADMIN)


def test_each_step_is_told_and_noted(store: Path) -> None:
    key = store.with_suffix(".key")
    (old,) = read_key_file(key).ids
    told: list[Begun] = []
    done = rotation(store).rotate(told.append)
    new = done.key
    assert read_key_file(key).ids == (new, old)
    assert told == [Begun(new, key)] == [done.begun]
    assert (done.written, done.older, done.needs) == (1, True, ())
    assert rotation(store).drop(dry_run=True) == Dropped(key, new, (old,))
    assert read_key_file(key).ids == (new, old)
    assert rotation(store).drop(dry_run=False).gone == (old,)
    assert rotation(store).drop(dry_run=False) == Dropped(key, new)
    with Reader(store) as reader:
        deeds = [(row.principal, row.operation, row.target) for row in audit.rows(reader)]
    assert deeds[-3:] == [
        ("token:ci", "secret rotate-key", f"the new key {new}"),
        ("token:ci", "secret rotate-key", "1 value of the vault"),
        ("token:ci", "secret rotate-key --drop-old", f"keys {old}"),
    ]


def test_what_is_not_in_a_file_is_not_changed(store: Path) -> None:
    store.with_suffix(".key").unlink()
    with pytest.raises(SecretError, match="no encryption key here"):
        rotation(store).rotate(lambda _: None)
    for step in (rotation(store, KEY).rotate, lambda _: rotation(store, KEY).drop(dry_run=True)):
        with pytest.raises(Refused, match="can't be changed from here"):
            step(lambda _: None)


def test_a_rotation_that_was_ended_midway_keeps_its_keys(store: Path) -> None:
    key = store.with_suffix(".key")
    newer = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
    key.write_text(f"{newer}\n{key.read_text()}")
    before = read_key_file(key).ids
    with pytest.raises(Refused, match="1 value of the vault still needs"):
        rotation(store).drop(dry_run=False)
    done = rotation(store).rotate(lambda _: None)
    assert (done.begun, done.written, read_key_file(key).ids) == (Begun(before[0]), 1, before)


def test_another_one_meanwhile_is_refused_and_changes_nothing(store: Path) -> None:
    key, told = store.with_suffix(".key"), list[str]()

    def meanwhile(begun: Begun) -> None:
        before = key.read_text()
        for another in (
            lambda: rotation(store).rotate(lambda _: None),
            lambda: rotation(store).drop(dry_run=False),
        ):
            with pytest.raises(Conflict, match="another rotation"):
                another()
        assert key.read_text() == before
        told.append(begun.key)

    done = rotation(store).rotate(meanwhile)
    assert told == [done.key] == [rotation(store).drop(dry_run=False).key]


def test_one_that_ends_badly_lets_the_next_one_in(store: Path) -> None:
    def broken(_: Begun) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotation(store).rotate(broken)
    assert rotation(store).rotate(lambda _: None).written == 1


def test_what_was_read_before_the_lock_is_read_again(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one is done between the two."""
    first = list[str]()

    @contextmanager
    def late(path: Path) -> Iterator[LockedKeyFile]:
        monkeypatch.undo()
        first.append(rotation(store).rotate(lambda _: None).key)
        with locked_key_file(path) as file:
            yield file

    monkeypatch.setattr(rotating, "locked_key_file", late)
    second = rotation(store).rotate(lambda _: None)
    assert read_key_file(store.with_suffix(".key")).ids[:2] == (second.key, *first)
    assert second.written == 1
