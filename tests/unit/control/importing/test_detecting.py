from collections.abc import Collection

import pytest

from reconciler.control.importing.detecting import form_of_database, form_of_mapping, is_env_name, is_env_text
from reconciler.json_types import JsonObject


@pytest.mark.parametrize(
    ("tables", "form"),
    [
        (["services", "routing_rules"], "oxide"),
        (["execution_settings"], "oxide"),
        (["providers", "provider_configs"], "provider-router"),
        (["sessions", "requests", "x"], "provider-router"),
        (["users"], None),
    ],
)
def test_a_database_is_known_by_its_tables(tables: Collection[str], form: str | None) -> None:
    assert form_of_database(tables) == form


@pytest.mark.parametrize(
    ("data", "form"),
    [
        ({"services": {}}, "oxide"),
        ({"routing_rules": {}}, "oxide"),
        ({"model_profiles": {}}, "oxide-profiles"),
        ({"general_settings": {}}, "litellm"),
        ({"x": 1}, None),
    ],
)
def test_a_mapping_is_known_by_its_fields(data: JsonObject, form: str | None) -> None:
    assert form_of_mapping(data) == form


def test_environment_files() -> None:
    assert all(map(is_env_name, [".env", "a/.env.local", "x/router.env"]))
    assert not is_env_name("env.yaml")
    assert is_env_text("A=1\nB=2\n")
    assert not is_env_text("a: 1\n")
