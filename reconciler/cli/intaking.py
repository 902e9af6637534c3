"""What diff and apply have in common: read the files, report, and find out whose they are."""

import sys
from collections.abc import Sequence

import click

from reconciler.cli.plan_output import report_problems
from reconciler.cli.session import Session
from reconciler.control.intake import Intake, source_of, take_in, wanted
from reconciler.control.proposal import Wanted
from reconciler.store.reader import Reader


def read_all(session: Session, paths: Sequence[str]) -> Intake:
    """Reads the paths, `-` as stdin, and prints the warnings."""
    intake = take_in(paths, stdin=sys.stdin.buffer, namespace=session.namespace)
    report_problems(intake.warnings)
    if not intake.declared and not intake.errors:
        note("No resource was read from the paths given.")
    return intake


def wanted_of(
    session: Session,
    paths: Sequence[str],
    reader: Reader | None,
    source_name: str | None,
    *,
    prune: bool = False,
    force: bool = False,
) -> Wanted:
    """What the files want of the store. Raises InvalidManifests."""
    intake = read_all(session, paths)
    known = sorted(reader.sources()) if reader is not None else []
    source = source_of(paths, explicit=source_name, known=known)
    return wanted(intake, paths, source, prune=prune, force=force)


def note(text: str) -> None:
    """A word to the person, beside the output."""
    click.echo(text, err=True)
