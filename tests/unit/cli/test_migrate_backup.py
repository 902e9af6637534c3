"""The rest is shown by tests/unit/cli/commands/test_migrate.py."""

import json
from pathlib import Path

import pytest
from fakes.command import Routerctl
from fakes.store import SteppingClock

from reconciler.cli.migrate_backup import back_up_files, digest_of, latest, load, moment_of
from reconciler.cli.session import Session
from reconciler.control.manifest.round_trip.folder import FileChange, FolderPlan
from reconciler.errors import InvalidInput, NotFound
from reconciler.remote.server import Told

PLAN = FolderPlan(Path("/out"), (FileChange("a.yaml", b"old", b"new"),), (), ())


def test_each_has_a_folder_of_its_own_that_nobody_else_reads(routerctl: Routerctl) -> None:
    session = Session({}, str(routerctl.db), clock=SteppingClock())
    assert latest(session) is None
    first, second = (back_up_files(session, PLAN) for _ in range(2))
    assert latest(session) == second
    assert moment_of(first) <= moment_of(second)
    assert len(moment_of(second)) == len("20261122213000")
    assert first.stat().st_mode & 0o077 == 0
    assert (second / "backup.json").stat().st_mode & 0o077 == 0


def test_with_a_server_they_are_this_users(tmp_path: Path) -> None:
    session = Session({"XDG_STATE_HOME": str(tmp_path)}, told=Told("https://router.example.com"))
    assert back_up_files(session, PLAN).parent == tmp_path / "routerctl" / "backups"


def test_files_are_kept_as_they_were(routerctl: Routerctl) -> None:
    session = Session({}, str(routerctl.db))
    changes = (
        FileChange("a/b.yaml", b"old", b"new"),
        FileChange("c.yaml", None, b"x"),
        FileChange("d.yaml", b"y", None),
    )
    kept = load(back_up_files(session, FolderPlan(Path("/out"), changes, (), ())))
    assert [each.before.read_bytes() if each.before else None for each in kept] == [b"old", None, b"y"]
    assert [each.after is None for each in kept] == [False, False, True]
    assert kept[0].path == Path("/out/a/b.yaml")


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        load(tmp_path)
    index = tmp_path / "backup.json"
    index.write_text("{")
    with pytest.raises(InvalidInput):
        load(tmp_path)
    index.write_text(json.dumps({"files": 5}))
    assert load(tmp_path) == ()
    index.write_text(json.dumps({"files": [{"path": "/etc/x", "before": "../../secret", "after": 5}, 7]}))
    (kept,) = load(tmp_path)
    assert kept.before == tmp_path / "files" / "secret"
    assert digest_of(tmp_path / "gone") is None
