"""`model list`: the Models of a namespace, and who serves each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import click

from reconciler.api.records import Records
from reconciler.cli.output import Column, listing, print_data, table
from reconciler.cli.reading import records_of
from reconciler.cli.resource_output import Row, as_object
from reconciler.cli.resource_rows import rows_of
from reconciler.cli.session import Session
from reconciler.control.conditions import READY
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey, StoredResource


@dataclass(frozen=True, slots=True)
class Sought:
    """Which Models are meant."""

    provider: str | None = None
    capability: str | None = None
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    row: Row
    bindings: tuple[StoredResource, ...]

    def providers(self) -> str | None:
        """As `provider (what it calls the model)`; * behind one whose default it is."""
        return ", ".join(_provider(binding) for binding in self.bindings) or None

    def ready(self) -> str | None:
        found = next((each for each in self.row.conditions if each.type == READY), None)
        return found.status if found is not None else None


def _provider(binding: StoredResource) -> str:
    spec = binding.resource.spec
    upstream = spec.get("upstreamModel")
    named = f" ({upstream})" if upstream not in (None, spec.get("model")) else ""
    return f"{spec.get('provider')}{'*' if spec.get('default') is True else ''}{named}"


def _texts(value: JsonValue) -> str | None:
    return ",".join(map(str, value)) if isinstance(value, list) else None


_COLUMNS = (
    Column[_Line]("ID", lambda line: line.row.stored.key.name),
    Column[_Line]("NAME", lambda line: line.row.spec("displayName")),
    Column[_Line]("PROVIDERS", lambda line: line.providers()),
    Column[_Line]("CAPABILITIES", lambda line: _texts(line.row.spec("capabilities"))),
    Column[_Line]("READY", lambda line: line.ready()),
    Column[_Line]("ALIASES", lambda line: _texts(line.row.spec("aliases")), wide=True),
    Column[_Line]("CONTEXT", lambda line: line.row.spec("contextWindow"), wide=True),
    Column[_Line]("DESCRIPTION", lambda line: line.row.spec("description"), wide=True),
)
_NAMESPACE = Column[_Line]("NAMESPACE", lambda line: line.row.stored.key.namespace)


def list_models(session: Session, sought: Sought, output: str) -> None:
    with records_of(session) as reader, rows_of(session, reader) as rows, reader.consistent():
        space = None if sought.everywhere else session.namespace or DEFAULT_NAMESPACE
        bindings = _bindings(reader, space)
        found = [stored for stored in reader.list("Model", space) if _fits(stored, sought, bindings)]
        lines = [_Line(row, bindings.get(row.stored.key, ())) for row in rows.of(found)]
    if output in ("table", "wide"):
        columns = (_NAMESPACE, *_COLUMNS) if sought.everywhere else _COLUMNS
        shown = table(columns, lines, wide=output == "wide")
        click.echo(
            shown if lines else f"No models; make one with: {session.program} model add", err=not lines
        )
    elif output == "name":
        click.echo("".join(f"model/{line.row.stored.key.name}\n" for line in lines), nl=False)
    else:
        print_data(listing(map(_json, lines)), output)


def _bindings(reader: Records, space: str | None) -> Mapping[ResourceKey, tuple[StoredResource, ...]]:
    """By the Model that they name."""
    found: dict[ResourceKey, tuple[StoredResource, ...]] = {}
    for stored in reader.list("Binding", space):
        key = ResourceKey("Model", stored.key.namespace, str(stored.resource.spec.get("model")))
        found[key] = (*found.get(key, ()), stored)
    return found


def _fits(
    stored: StoredResource, sought: Sought, bindings: Mapping[ResourceKey, Sequence[StoredResource]]
) -> bool:
    capabilities = stored.resource.spec.get("capabilities")
    if sought.capability is not None and sought.capability not in (
        capabilities if isinstance(capabilities, list) else ()
    ):
        return False
    if sought.provider is None:
        return True
    return any(
        binding.resource.spec.get("provider") == sought.provider for binding in bindings.get(stored.key, ())
    )


def _json(line: _Line) -> JsonObject:
    """The Model, and in its status who serves it."""
    shown = as_object(line.row.stored, line.row.conditions)
    status = shown.get("status")
    providers: list[JsonValue] = [
        {
            "name": binding.resource.spec.get("provider"),
            "binding": binding.key.name,
            "upstreamModel": binding.resource.spec.get("upstreamModel"),
            "default": binding.resource.spec.get("default") is True,
        }
        for binding in line.bindings
    ]
    return {**shown, "status": {**(status if isinstance(status, dict) else {}), "providers": providers}}
