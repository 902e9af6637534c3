import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest
from fakes.store import commit_all, drop, put

from reconciler.json_types import JsonObject
from reconciler.provider_types.catalog import PROVIDER_TYPES
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.store import files
from reconciler.store.migrations import migrate
from reconciler.store.views import MASK, VIEWS

SCHEMA_1 = Path(__file__).parents[2] / "data" / "store-schema-1.sql"
TABLES = ("providers", "provider_configs", "models", "provider_models")


def resource(kind: str, name: str, spec: JsonObject, namespace: str = "default") -> Resource:
    return Resource(ResourceKey(kind, namespace, name), spec)


CONFIG: JsonObject = {
    "baseURL": "https://api.example.com/v1",
    "apiKey": {"sealed": "s1-token"},
    "token": {"valueFrom": {"env": "A_TOKEN"}},
    "timeout": 1500,
    "flag": True,
    "headers": {"x-a": "b"},
    "tls": {"clientKey": {"sealed": "s1-ciphertext"}, "serverName": "n"},
    'odd."name': "said",
}


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    path = tmp_path / "s.db"
    provider = resource("Provider", "p", {"type": "lm-studio", "displayName": "Home", "config": CONFIG})
    commit_all(
        path,
        [
            put(provider),
            put(resource("Provider", "bare", {"type": "simulator", "enabled": False, "priority": 7})),
            put(resource("Provider", "other", {"type": "simulator"}, "team-a")),
            put(resource("Model", "m", {"capabilities": ["chat"], "description": "d"})),
            put(
                resource("Binding", "b", {"model": "m", "provider": "p", "default": True, "config": {"a": 1}})
            ),
            put(resource("Binding", "c", {"model": "n", "provider": "p"})),
        ],
        [drop(resource("Binding", "c", {"model": "n", "provider": "p"}))],
    )
    with closing(sqlite3.connect(path)) as made:
        made.row_factory = sqlite3.Row
        yield made


def rows(connection: sqlite3.Connection, table: str) -> list[dict[str, object]]:
    return [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1")]


def test_providers_are_those_of_the_namespace_default(connection: sqlite3.Connection) -> None:
    bare, told = rows(connection, "providers")
    assert (bare["id"], bare["name"], bare["enabled"], bare["priority"]) == ("bare", "bare", 0, 7)
    assert list(told) == [
        "id",
        "name",
        "type",
        "enabled",
        "priority",
        "description",
        "created_at",
        "updated_at",
    ]
    assert (told["name"], told["type"], told["enabled"], told["priority"]) == ("Home", "lm-studio", 1, 0)
    assert told["created_at"] == told["updated_at"] == 1_767_225_601_000


def test_a_config_is_told_key_by_key_and_nothing_sealed_of_it(connection: sqlite3.Connection) -> None:
    told = rows(connection, "provider_configs")
    assert list(told[0]) == ["id", "provider_id", "key", "value", "is_sensitive", "created_at", "updated_at"]
    assert {str(row["key"]): (row["value"], row["is_sensitive"]) for row in told} == {
        "baseURL": ("https://api.example.com/v1", 0),
        "apiKey": (MASK, 1),
        "token": ('{"valueFrom":{"env":"A_TOKEN"}}', 1),
        "timeout": ("1500", 0),
        "flag": ("true", 0),
        "headers": ('{"x-a":"b"}', 0),
        "tls": (MASK, 1),
        'odd."name': ("said", 0),
    }
    assert [row["id"] for row in told] == list(range(1, len(told) + 1))


def test_models_and_who_has_them(connection: sqlite3.Connection) -> None:
    (model,) = rows(connection, "models")
    assert (model["id"], model["name"], model["description"]) == ("m", "m", "d")
    assert json.loads(str(model["capabilities"])) == ["chat"]
    (linked,) = rows(connection, "provider_models")  # what was deleted is gone
    assert (linked["provider_id"], linked["model_id"], linked["is_default"]) == ("p", "m", 1)
    assert json.loads(str(linked["config"])) == {"a": 1}


def test_each_secret_field_of_each_type_is_masked(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    secrets = sorted({field for each in PROVIDER_TYPES.values() for field in each.secret_fields})
    assert secrets
    config = {field: {"sealed": "s1-hidden"} for field in secrets}
    commit_all(
        path, [put(resource("Provider", "p", {"type": "simulator", "config": cast("JsonObject", config)}))]
    )
    with closing(sqlite3.connect(path)) as connection:
        for table in TABLES:
            assert "s1-hidden" not in repr(connection.execute(f"SELECT * FROM {table}").fetchall())
        (masked,) = connection.execute(
            "SELECT count(*) FROM provider_configs WHERE value = ?", (MASK,)
        ).fetchone()
    assert masked == len(secrets)


def test_nothing_can_be_written_through_them(connection: sqlite3.Connection) -> None:
    assert len(VIEWS) == len(TABLES)
    for table in TABLES:
        with pytest.raises(sqlite3.OperationalError, match="because it is a view"):
            connection.execute(f"DELETE FROM {table}")


def test_a_migrated_store_has_those_of_a_new_one(tmp_path: Path, connection: sqlite3.Connection) -> None:
    path = tmp_path / "old.db"
    files.create_private(path)
    with closing(sqlite3.connect(path)) as old:
        old.executescript(SCHEMA_1.read_text(encoding="utf-8"))
        old.execute("PRAGMA journal_mode=WAL")
    migrate(path)
    asked = "SELECT name, sql FROM sqlite_master WHERE type = 'view' ORDER BY name"
    with closing(sqlite3.connect(path)) as old:
        assert old.execute(asked).fetchall() == [tuple(row) for row in connection.execute(asked)]
        old.row_factory = sqlite3.Row
        assert {row["id"] for row in rows(old, "providers")}
        assert "v-7314826f3171898e91444b5c" not in repr([rows(old, table) for table in TABLES])
