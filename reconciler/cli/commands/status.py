"""routerctl status"""

from collections.abc import Iterator

import click

from reconciler.bootstrap.facts import gather
from reconciler.cli.output import output_option, print_data
from reconciler.cli.reading import observing_of, records_of
from reconciler.cli.session import Session
from reconciler.control.healthy import circuit_text, moment
from reconciler.errors import one_line
from reconciler.management.status import Status, as_json
from reconciler.store.observations import WHOLE
from reconciler.store.source_status import GitStatus, SourceStatus, difference_text


@click.command(epilog="Example: routerctl status -o json")
@output_option(default="text", formats="text|json|yaml|jsonpath=EXPRESSION")
@click.pass_obj
def command(session: Session, output: str) -> None:
    """Tell what is stored, which workers serve it, how each source did, and what a rollback holds."""
    with (
        records_of(session) as records,
        observing_of(session) as observing,
    ):
        now = gather(records, observing)
    if output == "text":
        click.echo("\n".join(_lines(now, session)))
    else:
        print_data(as_json(now), output)


def _lines(now: Status, session: Session) -> Iterator[str]:
    yield f"Store      {now.store}"
    if now.head.number:
        yield f"Head       revision {now.head.number} of {now.head.time}, {now.head.digest}"
    else:
        yield f"Head       empty; make a revision with: {session.program} apply -f DIR"
    yield f"Serving    {_serving(now, session)}"
    for worker in now.live:
        yield f"  worker   {worker.instance} (pid {worker.pid}) {worker.does}"
    for provider, reason in now.refused:
        refused = "the newest revision" if provider == WHOLE else provider
        yield f"  refused  {refused}: {one_line(reason)}"
    for notice in now.notices:
        yield f"  {notice.name:8} {notice.message} (since {moment(notice.since)})"
    for circuit in now.circuits:
        what = circuit.provider if not circuit.model else f"{circuit.provider}, model {circuit.model}"
        yield f"  circuit  {what}, {circuit.instance}: {circuit_text(circuit)}"
    for probe in now.unhealthy:
        yield f"  unhealthy  {probe.provider} since {moment(probe.since)}, its probe says: {probe.fault}"
    for source in now.sources:
        yield from _source_lines(source)
    for hold in now.holds:
        yield f"Held       {hold.key} by the rollback that made revision {hold.revision}, against {hold.source}"


def _serving(now: Status, session: Session) -> str:
    served = now.served
    if served is None and now.live:
        return "nothing yet; workers are starting"
    if served is None:
        return f"nothing; start it with: {session.begin_serving}"
    count = len(now.serving)
    workers = "1 worker" if count == 1 else f"{count} workers"
    if served[0] == served[1]:
        behind = "" if served[0] == now.head.number else f", behind the head ({now.head.number})"
        return f"revision {served[0]} by {workers}{behind}"
    return f"revisions {served[0]} to {served[1]} by {workers}"


def _source_lines(source: SourceStatus) -> Iterator[str]:
    word = "failed" if source.error is not None else f"ok at revision {source.revision}"
    yield f"Source     {source.source}: {word}, {source.time}"
    if source.git is not None:
        yield from _git_lines(source.git, source)
    if source.error is not None and (not source.problems or source.git is not None):
        yield f"  error    {one_line(source.error)}"
    yield from (f"  problem  {one_line(line)}" for line in source.problems)
    for key, revision, drifts in source.held:
        yield f"  held     {key} by the rollback that made revision {revision}" + (
            "; the source differs" if drifts else ""
        )
    yield from (f"  waits    {key}: {one_line(reason)}" for key, reason in source.waiting)
    if source.undeclared:
        resources = "1 resource" if source.undeclared == 1 else f"{source.undeclared} resources"
        yield f"  undeclared  {resources} no longer declared; --prune deletes what is gone"
    for item in source.drift:
        yield f"  drift    {difference_text(item)}; left as it is"
    for item in source.healed:
        yield f"  healed   {difference_text(item)}; taken back by revision {item.revision}"


def _git_lines(git: GitStatus, source: SourceStatus) -> Iterator[str]:
    where = f"{git.branch} of {git.address}" + (f", {git.path}" if git.path else "")
    at = f"at {source.commit[:10]}" if source.commit is not None else "nothing applied yet"
    if git.behind:
        commits = "1 commit" if git.behind == 1 else f"{git.behind} commits"
        at += f", {commits} behind {(git.tip or '')[:10]}"
    yield f"  git      {where}: {at}"
    if git.trouble is not None and git.trouble != source.error:
        yield f"  fetch    {one_line(git.trouble)}"
    if git.next_fetch is not None:
        yield f"  fetched  {git.fetched or 'not since it began'}; next try {git.next_fetch}"
