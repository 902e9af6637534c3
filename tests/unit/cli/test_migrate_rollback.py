"""The rest is shown by tests/unit/cli/commands/test_migrate.py."""

from pathlib import Path

import pytest
from fakes.command import Routerctl

from reconciler.cli.migrate_rollback import question, to_take_back
from reconciler.cli.session import Session
from reconciler.errors import NotFound


def test_a_path_that_is_given_counts(routerctl: Routerctl) -> None:
    session = Session({}, str(routerctl.db))
    assert to_take_back(session, Path("x")) == Path("x")
    assert question(session, Path("x")) == "Take back what was migrated, to x?"
    with pytest.raises(NotFound, match="nothing was migrated"):
        to_take_back(session, None)
