"""The rest is shown by tests/unit/cli/commands/test_migrate.py."""

from pathlib import Path

import pytest
from fakes.command import Routerctl, manifest

from reconciler.cli.migrate_backup import back_up_store
from reconciler.cli.migrate_rollback import backup_given, later_revisions, take_back
from reconciler.cli.session import Session
from reconciler.errors import InvalidInput


def test_a_store_of_another_history_is_left_alone_where_there_is_no_copy(routerctl: Routerctl) -> None:
    session = Session({}, str(routerctl.db))
    backup = back_up_store(session)
    index = backup / "backup.json"
    index.write_text(index.read_text().replace('"revision": 0', '"revision": 5'))
    routerctl.apply(manifest("Model", "m"))
    with pytest.raises(InvalidInput, match="there was no store"):
        take_back(session, backup)
    assert routerctl.ok("get", "models", "-o", "name")


def test_a_path_that_is_given_counts(routerctl: Routerctl) -> None:
    session = Session({}, str(routerctl.db))
    assert backup_given(session, Path("x")) == Path("x")
    made = back_up_store(session)
    assert backup_given(session, None) == made


def test_what_came_after_the_migration_is_counted(routerctl: Routerctl) -> None:
    session = Session({}, str(routerctl.db))
    backup = back_up_store(session)
    assert later_revisions(session, backup) == 0
    for name in ("migrated", "since", "later"):
        routerctl.apply(manifest("Model", name))
    assert later_revisions(session, backup) == 2
    assert "and the 2 revisions since" in routerctl("migrate", "--rollback").err
    index = backup / "backup.json"
    assert later_revisions(session, index) == 0  # a file is a copy of a store
    index.write_text(index.read_text().replace('"revision": 0', '"revision": null'))
    assert later_revisions(session, backup) == 0
