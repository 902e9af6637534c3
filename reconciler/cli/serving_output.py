"""After a revision: who serves it."""

from contextlib import closing

import click

from reconciler.cli.intaking import note
from reconciler.cli.session import Session
from reconciler.control.serving import serving, wait_until_served
from reconciler.store.observations import Observations


def say_served(session: Session, revision: int, *, wait: bool, timeout: float, beside: bool = False) -> None:
    """Says when nothing serves the store; with `wait`, returns when every live worker serves the revision.

    `beside`: stdout holds data for a program, so words to people go to stderr.
    """
    with closing(Observations(session.location.records_path)) as observations:
        if wait:
            now = wait_until_served(observations, revision, session.clock, timeout)
            count = len(now.workers)
            words = f"{count} {'worker serves' if count == 1 else 'workers serve'} revision {revision}."
            click.echo(words, err=beside)
        elif not serving(observations, session.clock).workers:
            note(f"Nothing serves this store; start it with: {session.program} up")
