"""Where Oxide keeps its configuration: YAML, the profiles beside it, and a SQLite database with keys of its own."""

from collections.abc import Callable, Iterator, Mapping

from reconciler.control.importing.collecting import Collector
from reconciler.control.importing.fields import Fields
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.oxide import convert_oxide
from reconciler.control.importing.rows import parsed, parsed_columns, record, rows_text
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import DEFAULT_NAMESPACE
from reconciler.store.foreign import ForeignTables

TABLES = ("services", "routing_rules", "execution_settings", "discovered_nodes", "config_history")
_LISTS = ("capabilities", "models", "preferred_models", "fallback_models", "fallback_services")
_TIMES = ("created_at", "updated_at")

Open = Callable[[str], str]
"""Opens one encrypted value, or raises SecretError."""


def import_oxide(data: JsonObject, origin: str, namespace: str = DEFAULT_NAMESPACE) -> Findings:
    collector = Collector(origin, "Oxide's YAML", namespace)
    convert_oxide(collector, data)
    return collector.findings()


def import_profiles(data: JsonObject, origin: str, namespace: str = DEFAULT_NAMESPACE) -> Findings:
    """models.yaml: words on models, which routed nothing."""
    collector = Collector(origin, "Oxide's model profiles", namespace)
    fields = Fields(data)
    profiles = fields.mapping("model_profiles")
    for key in profiles.names():
        profile = profiles.mapping(key)
        name = profile.text("name") or key
        words = [
            f"{title}: {', '.join(listed)}."
            for field, title in (
                ("strengths", "Strengths"),
                ("weaknesses", "Weaknesses"),
                ("optimal_for", "Good for"),
            )
            if (listed := profile.texts(field))
        ]
        if words:
            collector.descriptions[key] = " ".join(words)
            collector.descriptions[name] = " ".join(words)
        collector.lose_rest(profile)
    collector.lose_rest(fields)
    return collector.findings()


def import_oxide_database(
    tables: ForeignTables, origin: str, opening: Open, namespace: str = DEFAULT_NAMESPACE
) -> Findings:
    """`opening` is asked only where something is encrypted. Raises what it raises: a wrong key ends the import."""
    collector = Collector(origin, "Oxide's database", namespace)
    data: JsonObject = {
        "services": {str(row.get("id")): _service(row, opening) for row in _rows(tables, "services")},
        "routing_rules": {str(row.get("task_type")): _rule(row) for row in _rows(tables, "routing_rules")},
    }
    for row in _rows(tables, "execution_settings"):
        data["execution"] = {name: value for name, value in row.items() if name != "id"}
    convert_oxide(collector, data)
    collector.warn(
        f"{origin}: logging, security, storage and cluster never were in it; give the YAML to see them"
    )
    nodes = len(_rows(tables, "discovered_nodes"))
    if nodes:
        collector.lose("discovered_nodes", f"{rows_text(nodes)}: each service is reached at its own address")
    _history(collector, tables)
    for name, count in sorted(tables.counts.items()):
        if count:
            collector.lose(name, f"{rows_text(count)} of a table that is no configuration")
    return collector.findings()


def _rows(tables: ForeignTables, name: str) -> list[JsonObject]:
    rows = (parsed_columns(record(row), _LISTS) for row in tables.rows.get(name, ()))
    return [{column: value for column, value in row.items() if column not in _TIMES} for row in rows]


def _service(row: JsonObject, opening: Open) -> JsonObject:
    service = {name: value for name, value in row.items() if name not in ("id", "api_key_encrypted")}
    encrypted = row.get("api_key_encrypted")
    if isinstance(encrypted, str) and encrypted:
        service["api_key"] = opening(encrypted)
    return {name: value for name, value in service.items() if value not in (None, [], "")}


def _rule(row: JsonObject) -> JsonObject:
    return {
        "primary": row.get("primary_service"),
        "fallback": row.get("fallback_services"),
        **{name: row[name] for name in ("parallel_threshold_files", "timeout_seconds") if name in row},
    }


def _history(collector: Collector, tables: ForeignTables) -> None:
    """Its snapshots hold keys as they are, whatever the services' own column hides."""
    rows = tables.rows.get("config_history", ())
    if rows:
        collector.lose("config_history", f"{rows_text(len(rows))}: the history here begins with this import")
    seen: set[str] = set()
    for row in map(record, rows):
        for place, value in _keys(parsed(row.get("config_snapshot")), f"config_history[{row.get('id')}]"):
            if value not in seen:
                seen.add(value)
                collector.leave_secret(place, value, "a snapshot that Oxide wrote in plain text")
    if seen:
        collector.warn(
            f"{collector.origin}: config_history holds keys in plain text, also those that services encrypts"
        )


def _keys(value: JsonValue, place: str) -> Iterator[tuple[str, str]]:
    items: Mapping[str, JsonValue] = {}
    if isinstance(value, dict):
        items = value
    elif isinstance(value, list):
        items = {str(number): item for number, item in enumerate(value)}
    for name, item in items.items():
        if name == "api_key" and isinstance(item, str) and item:
            yield f"{place}.{name}", item
        else:
            yield from _keys(item, f"{place}.{name}")
