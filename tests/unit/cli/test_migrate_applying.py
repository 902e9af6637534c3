"""The rest is shown by tests/unit/cli/commands/test_migrate.py."""

from fakes.command import Routerctl

from reconciler.cli.migrate_applying import migrate_into_store
from reconciler.cli.session import Session
from reconciler.control.importing.env import import_env

FOUND = import_env("LM_STUDIO_BASE_URL=http://x\nQWEN_API_KEY=sk-made-up-1", "f")


def test_what_changes_nothing_needs_no_backup(routerctl: Routerctl) -> None:
    session = Session({}, str(routerctl.db))
    data, lines, backup = migrate_into_store(session, FOUND, "", force=False, dry_run=True)
    assert (data["dryRun"], backup, routerctl.db.exists()) == (True, None, False)
    assert any("Provider/lm-studio-default" in line for line in lines)
    _, lines, backup = migrate_into_store(session, FOUND, "why", force=False, dry_run=False)
    assert (lines[-1], backup) == ("Revision 1", None)  # there was no store to copy
    _, lines, backup = migrate_into_store(session, FOUND, "why", force=False, dry_run=False)
    assert (lines, backup) == (["No changes; revision 1 is the head"], None)
