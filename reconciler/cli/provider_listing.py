"""`list` and `provider list`: the Providers of a namespace, with what a person asks of them first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import click

from reconciler.api.records import Records
from reconciler.cli.output import Column, Palette, listing, print_data, table
from reconciler.cli.reading import records_of
from reconciler.cli.resource_output import Row, as_object
from reconciler.cli.resource_rows import rows_of
from reconciler.cli.selecting import selector_of
from reconciler.cli.session import Session
from reconciler.control.conditions import HEALTHY, READY
from reconciler.errors import one_line
from reconciler.json_types import JsonObject
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey, StoredResource


@dataclass(frozen=True, slots=True)
class Sought:
    """Which Providers are meant; None: whatever it is."""

    types: tuple[str, ...] = ()
    enabled: bool | None = None
    selector: str | None = None
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    row: Row
    active: bool
    models: tuple[str, ...]

    @property
    def enabled(self) -> bool:
        return self.row.spec("enabled") is not False

    def status(self, kind: str) -> str | None:
        found = next((each for each in self.row.conditions if each.type == kind), None)
        return found.status if found is not None else None

    def health(self) -> str:
        """In a word: what to expect of a request that goes there now."""
        if not self.enabled:
            return "disabled"
        ready, healthy = self.status(READY), self.status(HEALTHY)
        if ready == "False":
            return "not ready"
        if healthy == "False":
            return "unhealthy"
        return "healthy" if healthy == "True" and ready == "True" else "unknown"

    def why(self) -> str | None:
        messages = [each.message for each in self.row.conditions if each.status == "False"]
        return one_line(messages[0]) if messages and self.enabled else None

    def colour(self) -> str | None:
        return _COLOURS.get(self.health())


_COLOURS = {"disabled": "bright_black", "not ready": "red", "unhealthy": "red", "healthy": "green"}
_COLUMNS = (
    Column[_Line](" ", lambda line: "*" if line.active else " "),
    Column[_Line]("ID", lambda line: line.row.stored.key.name),
    Column[_Line]("NAME", lambda line: line.row.spec("displayName")),
    Column[_Line]("TYPE", lambda line: line.row.spec("type")),
    Column[_Line]("ENABLED", lambda line: line.enabled),
    Column[_Line]("PRIORITY", lambda line: line.row.spec("priority")),
    Column[_Line]("HEALTH", lambda line: line.health()),
    Column[_Line]("MODELS", lambda line: len(line.models)),
    Column[_Line]("BASE URL", lambda line: line.row.spec("config", "baseURL"), wide=True),
    Column[_Line]("DESCRIPTION", lambda line: line.row.spec("description"), wide=True),
    Column[_Line]("WHY NOT", lambda line: line.why(), wide=True),
)
_NAMESPACE = Column[_Line]("NAMESPACE", lambda line: line.row.stored.key.namespace)


def list_providers(session: Session, sought: Sought, output: str) -> None:
    with records_of(session) as reader, rows_of(session, reader) as rows, reader.consistent():
        found = _found(reader, session, sought)
        spaces = sorted({stored.key.namespace for stored in found})
        active = {space: _active(reader, space) for space in spaces}
        models = _models(reader, spaces)
        lines = [
            _Line(
                row, active[row.stored.key.namespace] == row.stored.key.name, models.get(row.stored.key, ())
            )
            for row in rows.of(found)
        ]
    if output in ("table", "wide"):
        _print_table(session, lines, sought, wide=output == "wide")
    elif output == "name":
        click.echo("".join(f"provider/{line.row.stored.key.name}\n" for line in lines), nl=False)
    else:
        print_data(listing(map(_json, lines)), output)


def _found(reader: Records, session: Session, sought: Sought) -> Sequence[StoredResource]:
    """In the order in which they are tried: higher priorities first."""
    matches = selector_of(sought.selector)
    space = None if sought.everywhere else session.namespace or DEFAULT_NAMESPACE
    found = [
        stored
        for stored in reader.list("Provider", space)
        if matches(stored.resource.labels)
        and (not sought.types or stored.resource.spec.get("type") in sought.types)
        and sought.enabled in (None, stored.resource.spec.get("enabled") is not False)
    ]
    return sorted(found, key=lambda stored: (stored.key.namespace, -_priority(stored), stored.key.name))


def _priority(stored: StoredResource) -> int:
    priority = stored.resource.spec.get("priority")
    return priority if isinstance(priority, int) else 0


def _active(reader: Records, space: str) -> str | None:
    settings = reader.get(ResourceKey("Settings", space, "default"))
    name = settings.resource.spec.get("activeProvider") if settings is not None else None
    return name if isinstance(name, str) else None


def _models(reader: Records, spaces: Sequence[str]) -> Mapping[ResourceKey, tuple[str, ...]]:
    """The Models that each Provider is bound to; * behind its default."""
    found: dict[ResourceKey, tuple[str, ...]] = {}
    for space in spaces:
        for stored in reader.list("Binding", space):
            spec = stored.resource.spec
            key = ResourceKey("Provider", space, str(spec.get("provider")))
            found[key] = (*found.get(key, ()), str(spec.get("model")))
    return {key: tuple(sorted(names)) for key, names in found.items()}


def _print_table(session: Session, lines: Sequence[_Line], sought: Sought, *, wide: bool) -> None:
    if not lines:
        click.echo(f"No providers; make one with: {session.program} provider add", err=True)
        return
    columns = (_NAMESPACE, *_COLUMNS) if sought.everywhere else _COLUMNS
    palette = Palette(session.environ)
    title, *texts = table(columns, lines, wide=wide).splitlines()
    click.echo(title)
    for line, text in zip(lines, texts, strict=True):
        click.echo(palette.paint(text, line.colour()))


def _json(line: _Line) -> JsonObject:
    """The resource, and in its status what the table tells beside it."""
    shown = as_object(line.row.stored, line.row.conditions)
    status = shown.get("status")
    told = status if isinstance(status, dict) else {}
    return {
        **shown,
        "status": {**told, "active": line.active, "health": line.health(), "models": [*line.models]},
    }
