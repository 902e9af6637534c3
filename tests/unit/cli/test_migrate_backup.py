"""The rest is shown by tests/unit/cli/commands/test_migrate.py."""

import json
from pathlib import Path

import pytest
from fakes.command import Routerctl, manifest
from fakes.store import SteppingClock

from reconciler.cli.migrate_backup import back_up_files, back_up_store, digest_of, latest, load
from reconciler.cli.session import Session
from reconciler.control.manifest.round_trip.folder import FileChange, FolderPlan
from reconciler.errors import InvalidInput, NotFound


def test_each_has_a_folder_of_its_own_that_nobody_else_reads(routerctl: Routerctl) -> None:
    session = Session({}, str(routerctl.db), clock=SteppingClock())
    with pytest.raises(NotFound, match="no backup of a migration"):
        latest(session)
    none = back_up_store(session)
    assert (load(none).revision, load(none).store) == (0, None)
    routerctl.apply(manifest("Model", "m"))
    second = back_up_store(session)
    assert load(second).store == second / "store.db"
    assert load(second).revision == 1
    assert latest(session) == second
    with pytest.raises(NotFound, match="no backup of a migration"):
        latest(Session({}, str(routerctl.db.with_name("other.db"))))
    (second / "backup.json").write_text("{")
    assert latest(Session({}, str(routerctl.db.with_name("other.db")))) == second
    assert none.stat().st_mode & 0o077 == 0
    assert (second / "backup.json").stat().st_mode & 0o077 == 0


def test_files_are_kept_as_they_were(routerctl: Routerctl) -> None:
    session = Session({}, str(routerctl.db))
    changes = (
        FileChange("a/b.yaml", b"old", b"new"),
        FileChange("c.yaml", None, b"x"),
        FileChange("d.yaml", b"y", None),
    )
    kept = load(back_up_files(session, FolderPlan(Path("/out"), changes, (), ())))
    assert kept.revision is None
    assert [each.before.read_bytes() if each.before else None for each in kept.files] == [b"old", None, b"y"]
    assert [each.after is None for each in kept.files] == [False, False, True]
    assert kept.files[0].path == Path("/out/a/b.yaml")


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        load(tmp_path)
    index = tmp_path / "backup.json"
    index.write_text("{")
    with pytest.raises(InvalidInput):
        load(tmp_path)
    index.write_text(json.dumps({"files": 5, "revision": "x"}))
    assert load(tmp_path).files == ()
    index.write_text(json.dumps({"files": [{"path": "/etc/x", "before": "../../secret", "after": 5}, 7]}))
    (kept,) = load(tmp_path).files
    assert kept.before == tmp_path / "files" / "secret"
    assert digest_of(tmp_path / "gone") is None
