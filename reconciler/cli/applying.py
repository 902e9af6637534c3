"""From what is wanted, or from a plan that was kept, to a revision."""

import sys
from typing import TYPE_CHECKING

from reconciler.bootstrap.writing import open_store
from reconciler.cli.intaking import meta_of
from reconciler.cli.session import Session
from reconciler.control.apply import Applied, apply
from reconciler.control.intake import user
from reconciler.control.proposal import Wanted
from reconciler.late import late

if TYPE_CHECKING:
    from reconciler.control.planned import apply as planned
    from reconciler.control.planned import files
else:
    planned = late("reconciler.control.planned.apply")
    files = late("reconciler.control.planned.files")


def apply_wanted(session: Session, wanted: Wanted, message: str) -> Applied:
    with open_store(session.location, session.environ, session.clock, new_key=wanted.wants_a_key) as store:
        meta = meta_of(wanted, message)
        return apply(wanted, store.reader, store.writer, store.cipher, session.clock, meta)


def apply_file(session: Session, file: str, message: str) -> "planned.AppliedPlan":
    """Applies the plan that a file holds; `-` is stdin."""
    artefact = files.load(file, sys.stdin.buffer)
    with open_store(session.location, session.environ, session.clock) as store:
        return planned.apply(
            artefact, store.reader, store.writer, store.cipher, actor=user(), message=message
        )
