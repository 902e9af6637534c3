"""routerctl reload"""

from collections.abc import Mapping

import click

from reconciler.api.writes import Writes
from reconciler.cli.options import Duration
from reconciler.cli.pauses import pauses
from reconciler.cli.progress import progress
from reconciler.cli.session import Session
from reconciler.cli.writes import writes_of
from reconciler.errors import TimedOut, Unreachable
from reconciler.store.reloads import Reload

_LOOK_SECONDS = 0.1


@click.command(epilog="Example: routerctl reload --timeout 5m")
@click.option("--wait/--no-wait", default=True, show_default=True, help="Wait until all workers are new.")
@click.option(
    "--timeout",
    metavar="DURATION",
    type=Duration(),
    default="2m",
    show_default=True,
    help="How long to wait.",
)
@click.pass_obj
def command(session: Session, timeout: float, *, wait: bool) -> None:
    """Replace the workers of what serves this store, one after the other.

    A new worker serves before an old one leaves, so no request is refused; the old one finishes what it has under way, also
    long streams. What workers read at their start is read anew: secret files, certificates, the key, and the program itself
    after an upgrade. Options and environment stay those of the supervisor. SIGHUP to it does the same.
    """
    found = _Following(session, writes_of(session))
    if not wait:
        click.echo("asked for a reload")
        return
    with progress("Replacing workers") as shown:
        for _ in pauses(session.clock, _LOOK_SECONDS, check=lambda: None):
            if found.is_over():
                break
            shown.tick()
            if found.seconds() >= timeout:
                raise TimedOut(
                    f"after {timeout:g} s {found.progress()} are replaced", hint="look at", command="status"
                )
    click.echo(f"reloaded {found.progress()}")


class _Following:
    """Of one request, what becomes of it at each supervisor that has live workers. Raises Unreachable where nothing serves."""

    def __init__(self, session: Session, writes: Writes) -> None:
        self._clock = session.clock
        self._writes = writes
        self._begun = session.clock.monotonic()
        self._number, asked = writes.ask_reload()
        self._wanted = asked.live
        self._told: Mapping[str, Reload] = {}

    def seconds(self) -> float:
        return self._clock.monotonic() - self._begun

    def is_over(self) -> bool:
        """Raises Unreachable where one can't, or has ended."""
        now = self._writes.reloading()
        self._told = {each.supervisor: each for each in now.told if each.number >= self._number}
        for each in self._told.values():
            if each.state == "failed" and each.supervisor in self._wanted:
                replaced = f"{each.replaced} of {each.workers} workers are replaced"
                raise Unreachable(
                    f"{replaced}: {each.problem}",
                    hint="the others go on; its log tells more; look at",
                    command="status",
                )
        open_ = {name for name in self._wanted if not self._is_done(name)}
        if open_ - now.live:
            raise Unreachable(
                "what served this store has ended meanwhile", hint="start it with", command="up"
            )
        return not open_

    def progress(self) -> str:
        told = [each for each in self._told.values() if each.supervisor in self._wanted]
        replaced, count = sum(each.replaced for each in told), sum(each.workers for each in told)
        workers = "1 worker" if count == 1 else f"{count} workers"
        return workers if replaced == count and told else f"{replaced} of {workers}"

    def _is_done(self, supervisor: str) -> bool:
        told = self._told.get(supervisor)
        return told is not None and told.state == "done"
