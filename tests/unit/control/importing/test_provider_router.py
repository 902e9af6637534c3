import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fakes.foreign_config import API_KEY, COOKIES, TOKEN, VERSIONS, provider_router
from fakes.importing import losses, secrets, specs, without_types

from reconciler.control.importing import env, foreign_types
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.merging import merged
from reconciler.control.importing.provider_router import TABLES, import_provider_router
from reconciler.json_types import value_at
from reconciler.provider_types.catalog import PROVIDER_TYPES
from reconciler.store.foreign import ForeignTables, Row, read_tables


def read(path: Path) -> Findings:
    return import_provider_router(read_tables(path, TABLES), "router.db")


@pytest.fixture(autouse=True)
def catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    without_types(monkeypatch, "qwen-proxy", "qwen-direct")


@pytest.mark.parametrize("version", [version for version in VERSIONS if version >= 3])
def test_providers_models_and_links_are_carried_over(tmp_path: Path, version: int) -> None:
    found = read(provider_router(tmp_path / "r.db", version))
    made = specs(found)
    assert found.forms == (f"router.db: database of the provider-router, schema {version}",)
    assert made["Provider/lm-studio-default"] == {
        "type": "lm-studio",
        "displayName": "LM Studio",
        "description": "under the desk",
        "enabled": True,
        "priority": 10,
        "config": {
            "baseURL": "http://192.168.7.20:1234/v1",
            "timeout": "120s",
            "headers": {"X-Team": "research"},
        },
    }
    assert made["Provider/qwen-direct-default"]["type"] == "dashscope"
    assert made["Provider/qwen-direct-default"]["enabled"] is False
    assert made["Provider/qwen-proxy-default"]["enabled"] is False
    assert made["Model/qwen3-max"] == {
        "displayName": "Qwen3 Max",
        "description": "the large one",
        "capabilities": ["chat", "tools"],
    }
    assert made["Model/qwen-qwen3-coder-8b"] == {"displayName": "Coder", "aliases": ["qwen/qwen3-coder:8b"]}
    assert made["Binding/qwen3-max-lm-studio-default"] == {
        "model": "qwen3-max",
        "provider": "lm-studio-default",
        "default": True,
        "config": {"defaults": {"temperature": "0.7"}},
    }
    assert "default" not in made["Binding/qwen-qwen3-coder-8b-lm-studio-default"]
    assert made["Settings/default"] == {"activeProvider": "lm-studio-default", "unknownModels": "forward"}
    assert secrets(found)["provider_configs[qwen-direct-default].apiKey"] == API_KEY
    lost = losses(found)
    assert "masked" in lost["provider_configs[masked].apiKey"]
    assert "left out" in lost["provider_configs[nobody].baseURL"]
    assert {"settings[server.port]", "settings[theme]", "models[]", "requests"} <= set(lost)
    assert "provider_models[nobody, qwen3-max]" in lost


@pytest.mark.parametrize("version", [1, 2])
def test_before_there_were_providers_the_environment_file_is_asked_for(tmp_path: Path, version: int) -> None:
    found = read(provider_router(tmp_path / "r.db", version))
    assert found.resources == ()
    assert ".env" in found.warnings[0]
    assert "2 rows" in losses(found)["requests"]


@pytest.mark.parametrize("version", [4, 5])
def test_credentials_of_the_web_session_are_told(tmp_path: Path, version: int) -> None:
    found = read(provider_router(tmp_path / "r.db", version))
    told = secrets(found)
    assert told["qwen_credentials[1].token"] == TOKEN
    assert told["qwen_credentials[1].cookies"] == COOKIES
    assert losses(found)["qwen_credentials[0].token"] == "a later row took its place"


def test_missing_tables_and_columns_are_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / "r.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            """
            CREATE TABLE providers (id TEXT, type TEXT, owner TEXT);
            CREATE TABLE provider_configs (provider_id TEXT, key TEXT, value);
            CREATE TABLE provider_models (provider_id TEXT, model_id TEXT);
            CREATE TABLE settings (key TEXT, value TEXT);
            CREATE TABLE notes (text TEXT);
            INSERT INTO notes VALUES ('x');
            INSERT INTO providers VALUES ('a', 'lm-studio', 'me'), ('b', 'unheard-of', NULL), ('c', NULL, NULL);
            INSERT INTO provider_configs VALUES ('a', 'base_url', 'http://x:1'), ('a', 'timeout', 30000.0),
              ('a', 'default_model', 'm'), ('a', 'colour', 'red'), ('b', 'apiKey', 'sk-1'), ('b', 'baseURL', 'http://b');
            INSERT INTO provider_models VALUES ('a', 'm');
            INSERT INTO settings VALUES ('active_provider', 'b');
            """
        )
    found = read(path)
    made = specs(found)
    assert made["Provider/a"]["config"] == {"baseURL": "http://x:1", "timeout": "30s"}
    assert made["Binding/m-a"]["default"] is True
    assert set(made) == {"Provider/a", "Model/m", "Binding/m-a"}
    assert secrets(found) == {"provider_configs[b].apiKey": "sk-1"}
    assert {
        "providers[a].owner",
        "provider_configs[a].colour",
        "settings[active_provider]",
        "notes",
        "providers[b].type",
    } <= set(losses(found))


def tables(**rows: list[Row]) -> ForeignTables:
    return ForeignTables(rows, {})


def provider(identity: str, kind: str) -> Row:
    return {"id": identity, "name": identity, "type": kind, "enabled": 1, "priority": 0}


def config(identity: str, **values: str) -> list[Row]:
    return [{"provider_id": identity, "key": key, "value": value} for key, value in values.items()]


def test_a_default_that_a_link_contradicts_is_a_loss() -> None:
    found = import_provider_router(
        tables(
            providers=[provider("a", "lm-studio")],
            provider_configs=config("a", baseURL="http://x", defaultModel="other"),
            models=[{"id": "m", "name": "M", "capabilities": "[]", "colour": "red"}],
            provider_models=[{"provider_id": "a", "model_id": "m", "is_default": 1, "config": "{}"}],
            settings=[{"key": "active_provider", "value": ""}],
        ),
        "f",
    )
    assert "Binding/m-a" in losses(found)["provider_configs[a].defaultModel"]
    assert "models[m].colour" in losses(found)


def test_the_session_fills_the_provider_that_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """As soon as its type is there."""
    monkeypatch.setattr(
        env, "provider", lambda collector, name, kind, field: collector.draft("Provider", name, field)
    )
    found = import_provider_router(
        tables(
            providers=[provider("a", "lm-studio")],
            provider_configs=config("a", baseURL="http://x", expiresAt="5"),
            qwen_credentials=[{"token": "t", "cookies": "c", "expires_at": 7, "more": 1}],
        ),
        "f",
    )
    assert secrets(found) == {"qwen_credentials[0].token": "t", "qwen_credentials[0].cookies": "c"}
    assert {"provider_configs[a].expiresAt", "qwen_credentials[0].more"} <= set(losses(found))


def test_stored_credentials_of_the_web_session_say_when_they_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foreign_types, "PROVIDER_TYPES", PROVIDER_TYPES)
    made = specs(read(provider_router(tmp_path / "r.db", 4)))
    (session,) = [spec for spec in made.values() if spec.get("type") == "qwen-direct"]
    config = session["config"]
    assert isinstance(config, dict)
    assert (config["unofficial"], config["expiresAt"]) == (True, "2026-01-01T00:00:00Z")
    assert {"token", "cookies"} <= set(config)


@pytest.mark.parametrize(
    ("written", "asked", "left"),
    [
        ("http://127.0.0.1:9/qwen", "http://127.0.0.1:9/qwen", set()),
        (
            "https://dashscope.aliyuncs.com/compatible-mode/v1",
            "https://chat.qwen.ai",
            {"provider_configs[q].baseURL"},
        ),
    ],
)
def test_stored_credentials_go_where_their_provider_asks_and_never_to_dashscope(
    written: str, asked: str, left: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foreign_types, "PROVIDER_TYPES", PROVIDER_TYPES)
    found = import_provider_router(
        tables(
            providers=[provider("q", "qwen-direct")],
            provider_configs=config("q", baseURL=written),
            qwen_credentials=[{"token": "t", "cookies": "c"}],
        ),
        "f",
    )
    assert value_at(specs(found)["Provider/q"], ("config", "baseURL")) == asked
    assert set(losses(found)) == left
    assert len([words for words in found.warnings if "unofficial" in words]) == 1


@pytest.mark.parametrize("first", [0, 1])
def test_the_files_key_and_the_databases_web_session_are_two(
    monkeypatch: pytest.MonkeyPatch, first: int
) -> None:
    monkeypatch.setattr(foreign_types, "PROVIDER_TYPES", PROVIDER_TYPES)
    name = "qwen-direct-default"
    session = config(name, token="t", cookies="c", baseURL="https://chat.qwen.ai")
    file = env.import_env("QWEN_API_KEY=sk-1\nMODEL_MAPPINGS=a:qwen-direct,b:qwen-direct-default", "f")
    for values, kind, of_key in (
        (session, "qwen-direct", "dashscope-default"),
        (config(name, apiKey="sk-1"), "dashscope", name),
    ):
        database = import_provider_router(
            tables(providers=[provider(name, "qwen-direct")], provider_configs=values), "db"
        )
        found = merged([database, file] if first else [file, database])
        made = specs(found)
        assert {key for key in made if key.startswith("Provider/")} == {
            f"Provider/{name}",
            f"Provider/{of_key}",
        }
        assert (made[f"Provider/{name}"]["type"], made[f"Provider/{of_key}"]["type"]) == (kind, "dashscope")
        for model in ("a", "b"):
            assert made[f"Binding/{model}-{of_key}"]["provider"] == of_key
        assert {"sk-1"} <= {*secrets(found).values()}


def test_a_second_web_session_has_a_variable_for_each_of_its_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign_types, "PROVIDER_TYPES", PROVIDER_TYPES)
    first = import_provider_router(
        tables(providers=[provider("q", "qwen-direct")], qwen_credentials=[{"token": "t", "cookies": "c"}]),
        "f",
    )
    found = merged([first, env.import_env("QWEN_TOKEN=u\nQWEN_COOKIES=d\n", ".env")])
    assert sorted(secret.variable or "" for secret in found.secrets) == [
        "QWEN_COOKIES_TOKEN",
        "QWEN_DIRECT_SESSION_IMPORTED_COOKIES_TOKEN",
        "QWEN_DIRECT_SESSION_IMPORTED_TOKEN",
        "QWEN_TOKEN",
    ]


def test_texts_in_quotes_are_those_texts_and_secrets_of_no_use_are_named() -> None:
    written = config(
        "a", baseURL='"http://x"', apiKey='"sk-quoted"', password="hunter2", adminToken="***MASKED***"
    )
    found = import_provider_router(
        tables(providers=[provider("a", "lm-studio")], provider_configs=written), "f"
    )
    assert value_at(specs(found)["Provider/a"], ("config", "baseURL")) == "http://x"
    assert secrets(found) == {
        "provider_configs[a].apiKey": "sk-quoted",
        "provider_configs[a].password": "hunter2",
    }
    assert set(losses(found)) == {"provider_configs[a].password", "provider_configs[a].adminToken"}
