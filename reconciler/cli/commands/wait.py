"""routerctl wait"""

from collections.abc import Mapping, Sequence

import click

from reconciler.cli.following import moments
from reconciler.cli.options import Duration
from reconciler.cli.progress import progress
from reconciler.cli.reading import records_of
from reconciler.cli.resource_rows import Rows, rows_of
from reconciler.cli.selecting import Selected, keys_of, select
from reconciler.cli.session import Session
from reconciler.cli.wait_goal import ByCondition, Goal, GoalWord, Lifecycle
from reconciler.control.deletion_text import deletion_text
from reconciler.errors import NotFound, TimedOut
from reconciler.resources.resource import ResourceKey, StoredResource


@click.command(epilog="Example: routerctl wait provider/openai --for=condition=Ready --timeout 30s")
@click.argument("what", nargs=-1, required=True, metavar="KIND [NAME...] | KIND/NAME...")
@click.option(
    "--for",
    "goal",
    metavar="GOAL",
    type=GoalWord(),
    required=True,
    help="condition=TYPE[=STATUS], jsonpath='{EXPRESSION}'[=VALUE], delete, or create.",
)
@click.option("--all", "everything", is_flag=True, help="Every resource of the kinds.")
@click.option("-A", "--all-namespaces", "everywhere", is_flag=True, help="In all namespaces.")
@click.option("-l", "--selector", metavar="LABELS", help="Only resources with these labels: a=b,c!=d,e,!f.")
@click.option(
    "--timeout",
    metavar="DURATION",
    type=Duration(zero=True),
    default="30s",
    show_default=True,
    help="How long; a plain number is seconds, 0 looks once.",
)
@click.pass_obj
def command(
    session: Session,
    what: tuple[str, ...],
    goal: Goal,
    everywhere: bool,
    selector: str | None,
    timeout: float,
    *,
    everything: bool,
) -> None:
    """Wait until each resource is as --for says, and name it; 7 is the exit code where the time is over before that.

    What is there when the wait begins is waited for. Conditions are Accepted, ResolvedRefs, Programmed and Ready.
    """
    with records_of(session) as reader, rows_of(session, reader) as rows:
        selected = select(reader, what, namespace=session.namespace, everywhere=everywhere, selector=selector)
        if not selected.named and not (everything or selector):
            raise click.UsageError("write KIND/NAME, or KIND with --all or -l")
        waiting = _Waiting(rows, goal, _wanted(what, session, selected, goal))
        with progress("Waiting") as shown:
            for _ in moments(session, seconds=timeout):
                shown.hide()
                if not waiting.unmet():
                    return
                shown.count(*waiting.met())
        raise TimedOut(waiting.told(timeout))


def _wanted(
    what: Sequence[str], session: Session, selected: Selected, goal: Goal
) -> Mapping[ResourceKey, StoredResource | None]:
    """By key, as it is now. Raises NotFound where there is nothing to wait for."""
    if goal is Lifecycle.CREATE:
        if not selected.named:
            raise click.UsageError("--for=create waits for names: write KIND/NAME")
        return dict.fromkeys(keys_of(what, session.namespace))
    if goal is not Lifecycle.DELETE:
        selected.require_all()
        if not selected.found:
            raise NotFound("no resource fits", hint="what there is", command=f"get {what[0]}")
    if isinstance(goal, ByCondition):
        goal.require(sorted({stored.key.kind for stored in selected.found}))
    return dict.fromkeys(selected.missing) | {stored.key: stored for stored in selected.found}


class _Waiting:
    """What is left to wait for, and why. One that met the goal is named and not looked at again."""

    def __init__(self, rows: Rows, goal: Goal, wanted: Mapping[ResourceKey, StoredResource | None]) -> None:
        self._rows = rows
        self._goal = goal
        self._left = dict(wanted)
        self._all = len(wanted)
        self._why: dict[ResourceKey, str] = {}

    def unmet(self) -> bool:
        for key, why in self._looked_at().items():
            if why is None:
                del self._left[key]
                click.echo(f"{key.kind.lower()}/{key.name} condition met")
            else:
                self._why[key] = why
        return bool(self._left)

    def met(self) -> tuple[int, int]:
        """How many, of how many."""
        return self._all - len(self._left), self._all

    def told(self, seconds: float) -> str:
        lines = [f"  {key}: {self._why[key]}" for key in self._left]
        return "\n".join([f"timed out after {seconds:g} s waiting for:", *lines])

    def _looked_at(self) -> Mapping[ResourceKey, str | None]:
        reader = self._rows.reader
        with reader.consistent():
            there = {key: reader.get(key) for key in self._left}
            if self._goal is Lifecycle.CREATE:
                return {key: _not_yet(stored) for key, stored in there.items()}
            if self._goal is Lifecycle.DELETE:
                return {key: _still(self._left[key], stored) for key, stored in there.items()}
            found = [stored for stored in there.values() if stored is not None]
            if len(found) < len(there):
                gone = next(key for key, stored in there.items() if stored is None)
                raise NotFound(f"{gone} was deleted meanwhile")
            return {row.stored.key: self._goal.unmet(row) for row in self._rows.of(found)}


def _not_yet(now: StoredResource | None) -> str | None:
    """What is being deleted has to be made anew."""
    if now is None:
        return "it does not exist"
    return deletion_text(now.resource) if now.resource.terminating else None


def _still(before: StoredResource | None, now: StoredResource | None) -> str | None:
    """Another one of the same name is not the one that was to go."""
    if now is None or before is None or now.uid != before.uid:
        return None
    return deletion_text(now.resource) if now.resource.terminating else "it is still there"
