"""What lies on the disk, and who may read it, whatever the umask was; links that others put in the way lead nowhere."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.command import Routerctl, manifest, served

from reconciler.cli.commands import version

SECRET = "sk-canary-Zq7LitWv9rKe+/h3TxNb6PsYd2Jm"
SEALED = manifest(
    "Provider",
    "far",
    {"type": "openai-compatible", "config": {"baseURL": "https://a.example/v1", "apiKey": SECRET}},
)


@pytest.fixture
def generous() -> Iterator[None]:
    """A umask that keeps nothing back."""
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    """Of files and folders below, what others than their owner may do."""
    return {
        path.relative_to(folder).as_posix(): stat.filemode(path.lstat().st_mode)
        for path in folder.rglob("*")
        if path.lstat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    }


@pytest.mark.usefixtures("generous")
def test_case_21_what_a_store_keeps_is_its_owners_alone(routerctl: Routerctl) -> None:
    """Store, write-ahead log, key, records, plan, backup and what restore puts aside."""
    manifests = routerctl.write("a.yaml", served("m"), SEALED)
    routerctl.ok("apply", "-f", manifests)
    routerctl.write("a.yaml", served("m"), SEALED.replace(SECRET, f"{SECRET}2"))
    kept = routerctl.db.parent
    routerctl.ok("plan", "-f", manifests, "--out", kept / "plan.json")
    routerctl.ok("apply", "--plan", kept / "plan.json")
    routerctl.ok("backup", kept / "backup.db")
    routerctl.ok("restore", kept / "backup.db")
    routerctl.ok("status")
    assert {"routerctl.db", "routerctl.key", "plan.json", "backup.db"} <= {
        path.name for path in kept.iterdir()
    }
    assert modes(kept) == {}
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    held = [path for path in kept.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert held == []


@pytest.mark.usefixtures("generous")
def test_case_21_a_report_of_a_bug_is_its_owners_alone(
    routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError(SECRET)

    monkeypatch.setattr(version.command, "callback", fails)
    done = routerctl("version")
    assert (done.code, "its report is in" in done.err) == (70, True)
    (report,) = (routerctl.folder / "home" / "routerctl" / "reports").iterdir()
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert SECRET not in report.read_text() + done.err


def test_case_25_a_link_in_the_way_is_not_written_through(routerctl: Routerctl) -> None:
    """Who may write a folder beside ours must not get our files written over theirs, or theirs taken for ours."""
    routerctl.apply(served("m"), SEALED)
    prey = routerctl.folder / "prey"
    prey.write_text("mine")
    link = routerctl.folder / "link"
    link.symlink_to(prey)
    assert routerctl("backup", link).code == 4
    routerctl.ok("backup", link, "--force")
    assert (link.is_symlink(), prey.read_text()) == (False, "mine")
    link.unlink()
    link.symlink_to(prey)
    routerctl.ok("plan", "-f", routerctl.manifests, "--out", link)
    assert (link.is_symlink(), prey.read_text()) == (False, "mine")


def test_case_25_a_backup_writes_over_no_part_of_the_store(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"), SEALED)
    kept = routerctl.db.parent
    before = {path: path.read_bytes() for path in kept.iterdir() if path.suffix in {".key", ".db"}}
    for name in (
        "routerctl.db",
        "routerctl-records.db",
        "routerctl-traffic.db",
        "routerctl.key",
        "routerctl.db-wal",
    ):
        (kept / name).touch()
        assert routerctl("backup", kept / name, "--force").code == 4, name
    assert (kept / "routerctl.key").read_bytes() == before[kept / "routerctl.key"]


def test_case_19_a_key_that_others_may_read_is_refused_and_nothing_is_overwritten(
    routerctl: Routerctl,
) -> None:
    routerctl.apply(served("m"), SEALED)
    key = routerctl.db.with_suffix(".key")
    content = key.read_bytes()
    changed = routerctl.write("a.yaml", served("m"), SEALED.replace(SECRET, "sk-another-value-0123456789"))
    for mode in (0o640, 0o604, 0o666):
        key.chmod(mode)
        done = routerctl("apply", "-f", changed)
        assert (done.code, "chmod 600" in done.err) == (5, True), done.err
    key.rename(key.with_suffix(".away"))
    done = routerctl("apply", "-f", changed)
    assert (done.code, key.exists()) == (5, False), "no new key beside sealed values"
    assert routerctl.ok("get", "models", "-o", "name") == "model/m\n"
    key.with_suffix(".away").rename(key)
    key.chmod(0o600)
    assert key.read_bytes() == content
    routerctl.ok("history", "verify")


def test_case_40_history_that_was_edited_is_found(routerctl: Routerctl) -> None:
    """A row of each table that the chain or a checksum covers, changed by one character, is told."""
    routerctl.apply(served("m"), SEALED)
    routerctl.apply(served("m", description="other"), SEALED)
    edits = (
        "UPDATE version SET body = replace(body, 'simulator', 'simulatos')",
        "UPDATE revision SET actor = 'somebody' WHERE number = 1",
        "UPDATE revision SET message = 'x' WHERE number = 2",
        "UPDATE revision SET time = '2020-01-01T00:00:00Z' WHERE number = 1",
        "UPDATE event SET type = 'DELETED' WHERE revision = 1",
        "DELETE FROM event WHERE revision = 1 AND kind = 'Model'",
        "UPDATE vault SET place = replace(place, 'far', 'near')",
        "UPDATE version SET managed_fields = '[]'",
    )
    for edit in edits:
        copy = routerctl.folder / "copy.db"
        copy.unlink(missing_ok=True)
        routerctl.ok("backup", copy)
        connection = sqlite3.connect(copy)
        connection.execute(edit)
        connection.commit()
        connection.close()
        done = routerctl.plain("--db", copy, "history", "verify")
        assert (done.code, "not what was committed" in done.err) == (5, True), edit
