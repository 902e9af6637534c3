"""The rest is shown by tests/unit/cli/commands/test_migrate.py."""

from fakes.command import Routerctl, manifest

from reconciler.cli.migrate_restoring import restored
from reconciler.cli.session import Session
from reconciler.store.backup import back_up


def test_the_store_as_it_was_is_kept(routerctl: Routerctl) -> None:
    session = Session({}, str(routerctl.db))
    routerctl.apply(manifest("Model", "m"))
    copy = routerctl.folder / "copy.db"
    back_up(session.location, copy)
    data, lines = restored(session, copy)
    assert data["revision"] == 1
    assert "is kept in" in lines[1]
    assert "serve" in lines[-1]
