"""From what is wanted, or from a plan that was kept, to a revision."""

import sys

from reconciler.bootstrap.writing import open_store
from reconciler.cli.intaking import meta_of
from reconciler.cli.session import Session
from reconciler.control.apply import Applied, apply
from reconciler.control.intake import user
from reconciler.control.planned.apply import AppliedPlan
from reconciler.control.planned.apply import apply as apply_plan
from reconciler.control.planned.files import load
from reconciler.control.proposal import Wanted


def apply_wanted(session: Session, wanted: Wanted, message: str) -> Applied:
    with open_store(session.location, session.environ, session.clock) as store:
        meta = meta_of(wanted, message)
        return apply(wanted, store.reader, store.writer, store.cipher, session.clock, meta)


def apply_file(session: Session, file: str, message: str) -> AppliedPlan:
    """Applies the plan that a file holds; `-` is stdin."""
    artefact = load(file, sys.stdin.buffer)
    with open_store(session.location, session.environ, session.clock) as store:
        return apply_plan(artefact, store.reader, store.writer, store.cipher, actor=user(), message=message)
