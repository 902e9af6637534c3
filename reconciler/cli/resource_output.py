"""How resources are shown: as whole objects for programs, as tables for people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from reconciler.cli.output import Column, age, table
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.api_version import API_VERSION
from reconciler.resources.references import value_at
from reconciler.resources.resource import StoredResource


@dataclass(frozen=True, slots=True)
class Row:
    """A resource with what the table tells beside it. `refused` is why a live worker could not build a provider."""

    stored: StoredResource
    now: datetime
    served: bool
    refused: str | None = None

    def spec(self, *path: str) -> JsonValue:
        return value_at(self.stored.resource.spec, path)


def as_object(stored: StoredResource) -> JsonObject:
    """The resource as the API writes it, system metadata included."""
    key = stored.key
    metadata: JsonObject = {"name": key.name, "namespace": key.namespace}
    for name, texts in (("labels", stored.resource.labels), ("annotations", stored.resource.annotations)):
        if texts:
            metadata[name] = dict(texts)
    metadata["uid"] = stored.uid
    metadata["generation"] = stored.generation
    metadata["resourceVersion"] = str(stored.resource_version)
    metadata["creationTimestamp"] = stored.creation_timestamp
    metadata["managedFields"] = [
        {
            "manager": entry.manager,
            "operation": entry.operation,
            "apiVersion": API_VERSION,
            "time": entry.time,
            "fieldsType": "FieldsV1",
            "fieldsV1": entry.fields,
        }
        for entry in stored.managed_fields
    ]
    return {"apiVersion": API_VERSION, "kind": key.kind, "metadata": metadata, "spec": stored.resource.spec}


def resource_table(kind: str, rows: Sequence[Row], *, wide: bool, namespaces: bool, prefix: bool) -> str:
    """The table of one kind. `prefix` writes kind/name, for several kinds below each other."""
    columns = [Column[Row]("NAME", lambda row: _name(row, prefix=prefix)), *_COLUMNS[kind], *_LAST]
    if namespaces:
        columns.insert(0, Column("NAMESPACE", lambda row: row.stored.key.namespace))
    return table(columns, rows, wide=wide)


def ready(row: Row) -> str:
    """Whether a provider serves: Refused where a live worker could not build it, Unknown where nothing serves."""
    if row.spec("enabled") is False:
        return "Disabled"
    if not row.served:
        return "Unknown"
    return "False" if row.refused else "True"


def _name(row: Row, *, prefix: bool) -> str:
    key = row.stored.key
    return f"{key.kind.lower()}/{key.name}" if prefix else key.name


def _texts(value: JsonValue) -> str | None:
    return ",".join(str(item) for item in value) if isinstance(value, list) else None


def _keys(value: JsonValue) -> str | None:
    return ",".join(value) if isinstance(value, dict) else None


_COLUMNS: Mapping[str, Sequence[Column[Row]]] = {
    "Provider": (
        Column("TYPE", lambda row: row.spec("type")),
        Column("READY", ready),
        Column("PRIORITY", lambda row: row.spec("priority")),
        Column("DISPLAY NAME", lambda row: row.spec("displayName"), wide=True),
        Column("BASE URL", lambda row: row.spec("config", "baseURL"), wide=True),
        Column("WHY NOT", lambda row: row.refused, wide=True),
    ),
    "Model": (
        Column("ALIASES", lambda row: _texts(row.spec("aliases"))),
        Column("CAPABILITIES", lambda row: _texts(row.spec("capabilities"))),
        Column("CONTEXT", lambda row: row.spec("contextWindow"), wide=True),
        Column("DISPLAY NAME", lambda row: row.spec("displayName"), wide=True),
    ),
    "Binding": (
        Column("MODEL", lambda row: row.spec("model")),
        Column("PROVIDER", lambda row: row.spec("provider")),
        Column("UPSTREAM MODEL", lambda row: row.spec("upstreamModel")),
        Column("PRIORITY", lambda row: row.spec("priority")),
        Column("ENABLED", lambda row: row.spec("enabled")),
    ),
    "Settings": (Column("DEFAULT MODEL", lambda row: row.spec("defaultModel")),),
    "Secret": (
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
