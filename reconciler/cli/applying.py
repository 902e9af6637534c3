"""From what is wanted, or from a plan that was kept, to a revision."""

import sys
from typing import TYPE_CHECKING

from reconciler.cli.session import Session
from reconciler.cli.writes import writes_of
from reconciler.control.apply import Applied
from reconciler.control.proposal import Wanted
from reconciler.late import late

if TYPE_CHECKING:
    from reconciler.control.planned import files
    from reconciler.control.planned.apply import AppliedPlan
else:
    files = late("reconciler.control.planned.files")


def apply_wanted(session: Session, wanted: Wanted, message: str, manager: str | None = None) -> Applied:
    """`manager` is the name that --field-manager gives."""
    return writes_of(session).apply(wanted, manager, message)


def apply_file(session: Session, file: str, message: str) -> "AppliedPlan":
    """Applies the plan that a file holds; `-` is stdin."""
    return writes_of(session).apply_plan(files.load(file, sys.stdin.buffer), message)
