"""routerctl describe"""

from collections.abc import Iterator

import click

from reconciler.api.records import Records
from reconciler.cli.output import age, fact, indented
from reconciler.cli.provider_output import own_facts
from reconciler.cli.reading import records_of
from reconciler.cli.resource_output import Row, ending_facts
from reconciler.cli.resource_rows import rows_of
from reconciler.cli.selecting import select
from reconciler.cli.session import Session
from reconciler.control.manifest.emitter import to_yaml
from reconciler.resources.references import references
from reconciler.resources.resource import StoredResource
from reconciler.resources.state import State

_WIDTH = 14


@click.command(epilog="Example: routerctl describe provider openai")
@click.argument("what", nargs=-1, required=True, metavar="KIND [NAME...] | KIND/NAME...")
@click.pass_obj
def command(session: Session, what: tuple[str, ...]) -> None:
    """Tell all about a resource: its spec, who declares it, what it refers to, who refers to it, what serves."""
    with (
        records_of(session) as reader,
        rows_of(session, reader) as rows,
        reader.consistent(),
    ):
        selected = select(reader, what, namespace=session.namespace, everywhere=False, selector=None)
        state, observed = reader.state().lasting(), rows.observed()
        for position, row in enumerate(rows.of(selected.found)):
            if position:
                click.echo("\n")
            told = [
                *_lines(session, reader, row, state),
                *own_facts(rows.observing, row.stored, state, observed, _WIDTH),
            ]
            click.echo("\n".join(told))
    selected.require_all()


def _lines(session: Session, reader: Records, row: Row, state: State) -> Iterator[str]:
    stored = row.stored
    key, resource = stored.key, stored.resource
    now = session.clock.now()
    revision = reader.revision(stored.revision)
    yield _fact("Name", key.name)
    yield _fact("Namespace", key.namespace)
    yield _fact("Kind", key.kind)
    yield _fact(
        "Labels", ", ".join(f"{name}={value}" for name, value in sorted(resource.labels.items())) or "-"
    )
    yield _fact("Annotations", ", ".join(sorted(resource.annotations)) or "-")
    yield from (_fact(name, value) for name, value in ending_facts(row))
    yield _fact("Created", f"{stored.creation_timestamp} ({age(stored.creation_timestamp, now)} ago)")
    yield _fact("Generation", stored.generation)
    yield _fact(
        "Revision",
        f"{revision.number} by {revision.actor}" + (f": {revision.message}" if revision.message else ""),
    )
    yield _fact("Source", stored.source or "-")
    yield _fact("File", stored.path or "-")
    for hold in reader.holds():
        if hold.key == key:
            yield _fact("Held", f"by the rollback that made revision {hold.revision}, against {hold.source}")
    yield "Spec:"
    yield from ("  " + line for line in to_yaml([resource.spec]).rstrip().splitlines())
    yield "Managers:"
    yield from (f"  {entry.manager} since {entry.time}" for entry in stored.managed_fields)
    yield from _relations(stored, state)
    yield from _conditions(row)


def _relations(stored: StoredResource, state: State) -> Iterator[str]:
    refers = sorted({str(reference.target) for reference in references(stored.resource)})
    referrers = sorted(
        str(other)
        for other, item in state.items()
        if any(reference.target == stored.key for reference in references(item.resource))
    )
    if refers:
        yield _fact("Refers to", ", ".join(refers))
    yield _fact("Used by", ", ".join(referrers) or "-")


def _conditions(row: Row) -> Iterator[str]:
    yield "Conditions:"
    for condition in row.conditions:
        since = condition.last_transition_time
        told = f", since {since}" if since is not None else ""
        yield f"  {condition.type}: {condition.status} ({condition.reason}{told})"
        yield from indented(condition.message, 4)


def _fact(name: str, value: object) -> str:
    return fact(name, value, _WIDTH)
