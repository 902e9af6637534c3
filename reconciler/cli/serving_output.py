"""After a revision: who serves it."""

from collections.abc import Sequence

import click

from reconciler.api.records import Observing
from reconciler.cli.following import REMOTE_SECONDS
from reconciler.cli.intaking import note
from reconciler.cli.progress import Progress, progress
from reconciler.cli.reading import observing_of
from reconciler.cli.session import Session
from reconciler.control.serving import POLL_SECONDS, serving, wait_until_served
from reconciler.store.observations import WorkerRow


def say_served(session: Session, revision: int, *, wait: bool, timeout: float, beside: bool = False) -> None:
    """Says when nothing serves the store; with `wait`, returns when every live worker serves the revision.

    `beside`: stdout holds data for a program, so words to people go to stderr.
    """
    with observing_of(session) as observing:
        if wait:
            with progress(f"Waiting for workers to serve revision {revision}") as shown:
                now = wait_until_served(
                    _Live(observing, revision, shown),
                    revision,
                    session.clock,
                    timeout,
                    poll=REMOTE_SECONDS if session.is_remote else POLL_SECONDS,
                )
            count = len(now.workers)
            words = f"{count} {'worker serves' if count == 1 else 'workers serve'} revision {revision}."
            click.echo(words, err=beside)
        elif not serving(_Live(observing), session.clock).workers:
            note(f"Nothing serves this store; start it with: {session.begin_serving}")


class _Live:
    """Fits control.serving.Workers. Which are live is said by the clock of where they run. Shows who serves `revision`."""

    def __init__(self, observing: Observing, revision: int = 0, shown: Progress | None = None) -> None:
        self._observing = observing
        self._revision = revision
        self._shown = shown

    def live(self, now: float) -> Sequence[WorkerRow]:  # noqa: ARG002  another machine's may be another
        live = self._observing.seen().live
        if self._shown is not None:
            self._shown.count(sum(each.revision >= self._revision for each in live), len(live))
        return live
