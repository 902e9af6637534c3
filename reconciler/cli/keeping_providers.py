"""What the first token of the management listener would cut off is told, and kept where somebody says so.

Until then nobody but this machine's own user writes Providers, and they may be on this machine or a private network. From
then on such a place has to be allowed.
"""

import sys

import click

from reconciler.bootstrap.reading import open_reader_if_any
from reconciler.bootstrap.writing import open_store
from reconciler.cli.output import counted
from reconciler.cli.session import Session
from reconciler.control.egress import CutOff, cut_off
from reconciler.control.intake import user
from reconciler.control.kept_providers import allow
from reconciler.control.manager_name import local_name
from reconciler.errors import Refused
from reconciler.store.records import RevisionMeta


def keep_providers(session: Session, *, keep: bool | None) -> None:
    """`keep` None: asks, where somebody is there to answer. All that is said goes to stderr. Raises Refused where nobody is."""
    found = _cut_off(session)
    if found is None or not found.providers:
        return
    click.echo(_words(found), err=True)
    if keep is None:
        keep = _ask()
    if keep:
        with open_store(session.location, session.environ, session.clock) as store:
            meta = RevisionMeta(
                user(), "token create", message="keep the providers that a token would cut off"
            )
            manager = local_name(None, user())
            done = allow(found.entries, store.reader, store.writer, session.clock, meta, manager)
        click.echo(f"Allowed, as revision {done.revision.number}.", err=True)


def _cut_off(session: Session) -> CutOff | None:
    """None where there was a token before."""
    reader = open_reader_if_any(session.location)
    if reader is None:
        return None
    with reader:
        return None if reader.guarded() else cut_off(reader.state())


def _words(found: CutOff) -> str:
    lines = [f"The first token cuts off {counted(len(found.providers), 'Provider')}:"]
    lines += [f"  {key}: {reason}" for key, reason in found.providers.items()]
    lines += ["To keep them, Settings/default needs, in spec.egress.allow:"]
    lines += [f"  {line}" for line in found.lines]
    return "\n".join(lines)


def _ask() -> bool:
    if not sys.stdin.isatty():
        raise Refused(
            "nothing was done: nobody is there to say what becomes of them",
            hint="say --keep-providers to write these lines, or --cut-off",
        )
    return click.confirm("Write these lines?", default=True, err=True)
