"""The rest is shown by tests/unit/cli/commands/test_migrate.py."""

from fakes.command import Routerctl, manifest

from reconciler.cli.migrate_backup import back_up_store
from reconciler.cli.migrate_restoring import restored
from reconciler.cli.session import Session


def test_the_store_as_it_was_is_kept(routerctl: Routerctl) -> None:
    session = Session({}, str(routerctl.db))
    routerctl.apply(manifest("Model", "m"))
    copy = back_up_store(session) / "store.db"
    data, lines = restored(session, copy)
    assert data["revision"] == 1
    assert "is kept in" in lines[1]
    assert "serve" in lines[-1]
