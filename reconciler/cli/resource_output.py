"""How resources are shown: as whole objects for programs, as tables for people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from reconciler.cli.output import Column, age, table
from reconciler.control.client_ready import EXPIRED
from reconciler.control.conditions import DISABLED, HEALTHY, TERMINATING, Condition, condition_json
from reconciler.control.deletion_text import waits_text
from reconciler.control.stored_object import stored_object
from reconciler.errors import one_line
from reconciler.json_types import JsonObject, JsonValue, value_at
from reconciler.resources.resource import StoredResource


@dataclass(frozen=True, slots=True)
class Row:
    """A resource with what the table tells beside it."""

    stored: StoredResource
    now: datetime
    conditions: tuple[Condition, ...] = ()
    used: str | None = None
    """Of a ClientKey: what is used of its limits."""

    def spec(self, *path: str) -> JsonValue:
        return value_at(self.stored.resource.spec, path)


def as_object(
    stored: StoredResource, conditions: Sequence[Condition] = (), *, managed_fields: bool = False
) -> JsonObject:
    """The resource as the API writes it, system metadata included, and status where something is known of it."""
    whole = stored_object(stored, managed_fields=managed_fields)
    if conditions:
        whole["status"] = {"conditions": [condition_json(condition) for condition in conditions]}
    return whole


def ending_facts(row: Row) -> Iterator[tuple[str, str]]:
    """What is to be told of a resource's end, by its name: nothing of one without finalizers."""
    resource = row.stored.resource
    if resource.finalizers:
        yield "Finalizers", ", ".join(resource.finalizers)
    if resource.deletion_timestamp is not None:
        passed = age(resource.deletion_timestamp, row.now)
        since = f"since {resource.deletion_timestamp} ({passed} ago)"
        yield "Deleting", f"{since}, {waits_text(resource.finalizers)}"


def resource_table(kind: str, rows: Sequence[Row], *, wide: bool, namespaces: bool, prefix: bool) -> str:
    """The table of one kind. `prefix` writes kind/name, for several kinds below each other."""
    return table(resource_columns(kind, namespaces=namespaces, prefix=prefix), rows, wide=wide)


def resource_columns(kind: str, *, namespaces: bool, prefix: bool) -> list[Column[Row]]:
    columns = [Column[Row]("NAME", lambda row: _name(row, prefix=prefix)), *_COLUMNS[kind], *_LAST]
    if namespaces:
        columns.insert(0, Column("NAMESPACE", lambda row: row.stored.key.namespace))
    return columns


def _ready(row: Row) -> str | None:
    """The status of the condition Ready; Disabled and Terminating are told apart, since they are wanted."""
    found = _condition(row, "Ready")
    if found is None:
        return None
    return found.reason if found.reason in (DISABLED, TERMINATING) else found.status


def _ready_or_why(row: Row) -> str | None:
    """As `_ready`; what has expired is told apart, too."""
    found = _condition(row, "Ready")
    return found.reason if found is not None and found.reason == EXPIRED else _ready(row)


def _why_not_ready(row: Row) -> str | None:
    found = _condition(row, "Ready")
    return one_line(found.message) if found is not None and found.status == "False" else None


def _healthy(row: Row) -> str | None:
    found = _condition(row, HEALTHY)
    return found.status if found is not None else None


def _why_not(row: Row) -> str | None:
    """Of a provider: why it is not ready, else why it is not healthy."""
    found = _condition(row, HEALTHY)
    ill = one_line(found.message) if found is not None and found.status == "False" else None
    return _why_not_ready(row) or ill


def _condition(row: Row, kind: str) -> Condition | None:
    return next((condition for condition in row.conditions if condition.type == kind), None)


def _name(row: Row, *, prefix: bool) -> str:
    key = row.stored.key
    return f"{key.kind.lower()}/{key.name}" if prefix else key.name


def _texts(value: JsonValue) -> str | None:
    return ",".join(str(item) for item in value) if isinstance(value, list) else None


def _targets(value: JsonValue) -> str | None:
    """As model, model@provider or @provider."""
    names = [
        f"{item.get('model', '')}@{item['provider']}" if "provider" in item else str(item.get("model"))
        for item in (value if isinstance(value, list) else ())
        if isinstance(item, dict)
    ]
    return ",".join(names) or None


def _items(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _keys(value: JsonValue) -> str | None:
    return ",".join(value) if isinstance(value, dict) else None


_COLUMNS: Mapping[str, Sequence[Column[Row]]] = {
    "Provider": (
        Column("TYPE", lambda row: row.spec("type")),
        Column("READY", _ready),
        Column("HEALTHY", _healthy),
        Column("PRIORITY", lambda row: row.spec("priority")),
        Column("DISPLAY NAME", lambda row: row.spec("displayName"), wide=True),
        Column("BASE URL", lambda row: row.spec("config", "baseURL"), wide=True),
        Column("WHY NOT", _why_not, wide=True),
    ),
    "Model": (
        Column("READY", _ready),
        Column("ALIASES", lambda row: _texts(row.spec("aliases"))),
        Column("CAPABILITIES", lambda row: _texts(row.spec("capabilities"))),
        Column("CONTEXT", lambda row: row.spec("contextWindow"), wide=True),
        Column("DISPLAY NAME", lambda row: row.spec("displayName"), wide=True),
        Column("WHY NOT", _why_not_ready, wide=True),
    ),
    "Binding": (
        Column("READY", _ready),
        Column("MODEL", lambda row: row.spec("model")),
        Column("PROVIDER", lambda row: row.spec("provider")),
        Column("UPSTREAM MODEL", lambda row: row.spec("upstreamModel")),
        Column("PRIORITY", lambda row: row.spec("priority")),
        Column("WEIGHT", lambda row: row.spec("weight"), wide=True),
        Column("DEFAULT", lambda row: row.spec("default"), wide=True),
        Column("ENABLED", lambda row: row.spec("enabled")),
        Column("WHY NOT", _why_not_ready, wide=True),
    ),
    "Route": (
        Column("READY", _ready),
        Column("PRIORITY", lambda row: row.spec("priority")),
        Column("STRATEGY", lambda row: row.spec("strategy")),
        Column("MODELS", lambda row: _texts(row.spec("match", "models"))),
        Column("TARGETS", lambda row: _targets(row.spec("targets"))),
        Column("TASKS", lambda row: _texts(row.spec("match", "taskTypes")), wide=True),
        Column("ENABLED", lambda row: row.spec("enabled"), wide=True),
        Column("WHY NOT", _why_not_ready, wide=True),
    ),
    "Settings": (
        Column("READY", _ready),
        Column("DEFAULT MODEL", lambda row: row.spec("defaultModel")),
        Column("ACTIVE PROVIDER", lambda row: row.spec("activeProvider")),
        Column("UNKNOWN MODELS", lambda row: row.spec("unknownModels"), wide=True),
    ),
    "ClientKey": (
        Column("READY", _ready_or_why),
        Column("KEYS", lambda row: len(_items(row.spec("keys")))),
        Column("MODELS", lambda row: _texts(row.spec("models"))),
        Column("ROUTES", lambda row: _texts(row.spec("routes")), wide=True),
        Column("USED", lambda row: row.used, wide=True),
        Column("EXPIRES", lambda row: row.spec("expires")),
        Column("DISPLAY NAME", lambda row: row.spec("displayName"), wide=True),
        Column("WHY NOT", _why_not_ready, wide=True),
    ),
    "Secret": (
        Column("READY", _ready),
        Column("KEYS", lambda row: _keys(row.spec("data"))),
        Column("HOSTS", lambda row: _texts(row.spec("hosts"))),
    ),
}
_LAST: Sequence[Column[Row]] = (
    Column("AGE", lambda row: age(row.stored.creation_timestamp, row.now)),
    Column("SOURCE", lambda row: row.stored.source, wide=True),
    Column("FILE", lambda row: row.stored.path, wide=True),
    Column("REVISION", lambda row: row.stored.revision, wide=True),
)
