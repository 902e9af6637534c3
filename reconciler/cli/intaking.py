"""What diff and apply have in common: read the files, report, and find out whose they are."""

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from reconciler.cli.plan_output import report_problems
from reconciler.cli.progress import progress
from reconciler.cli.session import Session
from reconciler.control.intake import Intake, source_of, take_in, wanted
from reconciler.control.manifest.memory import Memory
from reconciler.control.proposal import DEFAULT, Guards, Wanted

if TYPE_CHECKING:
    from reconciler.api.records import Records


def read_all(session: Session, paths: Sequence[str]) -> Intake:
    """Reads the paths, `-` as stdin, and prints the warnings. Where there are errors, they are told with those."""
    remembered = nullcontext() if session.is_remote else Memory(session.location.memory_path)
    with remembered as memory, progress("Reading files") as shown:
        intake = take_in(
            paths,
            stdin=sys.stdin.buffer,
            namespace=session.namespace,
            memory=memory,
            count=shown.count,
        )
    if not intake.errors:
        report_problems(intake.warnings)
    return intake


def wanted_of(
    session: Session,
    paths: Sequence[str],
    records: "Records | None",
    source_name: str | None,
    *,
    prune: bool = False,
    force: bool = False,
    guards: Guards = DEFAULT,
) -> Wanted:
    """What the files want of the store. Raises InvalidManifests."""
    intake = read_all(session, paths)
    known = sorted(records.sources()) if records is not None else []
    source = source_of(paths, explicit=source_name, known=known)
    return replace(wanted(intake, paths, source, prune=prune, force=force), guards=guards)


def note(text: str) -> None:
    """A word to the person, beside the output."""
    click.echo(text, err=True)
