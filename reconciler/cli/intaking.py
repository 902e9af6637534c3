"""What diff and apply have in common: read the files, report, and find out whose they are."""

import sys
from collections.abc import Sequence
from dataclasses import replace

import click

from reconciler.cli.plan_output import report_problems
from reconciler.cli.session import Session
from reconciler.control.intake import Intake, source_of, take_in, user, wanted
from reconciler.control.manager_name import manager_name
from reconciler.control.manifest.memory import Memory
from reconciler.control.proposal import DEFAULT, Guards, Wanted
from reconciler.resources.resource import local_manager
from reconciler.store.reader import Reader
from reconciler.store.records import RevisionMeta


def read_all(session: Session, paths: Sequence[str]) -> Intake:
    """Reads the paths, `-` as stdin, and prints the warnings. Where there are errors, they are told with those."""
    with Memory(session.location.memory_path) as memory:
        intake = take_in(paths, stdin=sys.stdin.buffer, namespace=session.namespace, memory=memory)
    if not intake.errors:
        report_problems(intake.warnings)
    return intake


def wanted_of(
    session: Session,
    paths: Sequence[str],
    reader: Reader | None,
    source_name: str | None,
    *,
    prune: bool = False,
    force: bool = False,
    guards: Guards = DEFAULT,
) -> Wanted:
    """What the files want of the store. Raises InvalidManifests."""
    intake = read_all(session, paths)
    known = sorted(reader.sources()) if reader is not None else []
    source = source_of(paths, explicit=source_name, known=known)
    return replace(wanted(intake, paths, source, prune=prune, force=force), guards=guards)


def managed_as(wanted: Wanted, manager: str | None) -> Wanted:
    """Under the name that --field-manager gives. Raises InvalidInput for what is no name, Refused for somebody else's."""
    if manager is None:
        return wanted
    return replace(wanted, manager=manager_name(manager, {wanted.manager, local_manager(user())}))


def meta_of(wanted: Wanted, message: str) -> RevisionMeta:
    """Who applies what is wanted, and why."""
    source = wanted.source
    return RevisionMeta(
        actor=user(),
        operation="apply",
        source=source.name if source is not None else None,
        commit=source.commit if source is not None else None,
        dirty=source.dirty if source is not None else False,
        message=message,
    )


def note(text: str) -> None:
    """A word to the person, beside the output."""
    click.echo(text, err=True)
