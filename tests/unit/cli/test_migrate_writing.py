"""The rest is shown by tests/unit/cli/commands/test_migrate.py."""

from fakes.command import Routerctl

from reconciler.cli.migrate_writing import migrate_into_folder
from reconciler.cli.session import Session
from reconciler.control.importing.env import import_env

FOUND = import_env("LM_STUDIO_BASE_URL=http://x", "f")


def test_a_backup_is_made_where_something_is_written(routerctl: Routerctl) -> None:
    session, out = Session({}, str(routerctl.db)), routerctl.folder / "out"
    dry = migrate_into_folder(session, out, FOUND, seal=False, force=False, dry_run=True)
    assert dry[1:] == (["providers/lm-studio-default.yaml created", "settings/default.yaml created"], None)
    assert not out.exists()
    assert migrate_into_folder(session, out, FOUND, seal=False, force=False, dry_run=False)[2] is not None
    again = migrate_into_folder(session, out, FOUND, seal=False, force=False, dry_run=False)
    assert again[1:] == (["nothing: all is as it was"], None)
