"""The rest is shown by tests/unit/cli/commands/test_import_.py."""

from pathlib import Path

import pytest
from fakes.command import Routerctl

from reconciler.cli.import_comparing import compare_with
from reconciler.cli.session import Session
from reconciler.control.importing.findings import Findings
from reconciler.errors import NotFound


def test_without_a_result_there_is_nothing_to_compare(routerctl: Routerctl) -> None:
    session = Session({}, str(routerctl.db))
    with pytest.raises(NotFound, match="no store"):
        compare_with(session, Findings(), None)
    with pytest.raises(NotFound, match="no folder"):
        compare_with(session, Findings(), Path(routerctl.folder / "gone"))
