from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from fakes.foreign_config import OLD_KEY, OPENROUTER_KEY, oxide
from fakes.importing import DATA, losses, secrets, specs

from reconciler.control.importing.oxide_sources import (
    TABLES,
    import_oxide,
    import_oxide_database,
    import_profiles,
)
from reconciler.control.manifest.foreign_yaml import read_foreign
from reconciler.errors import SecretError
from reconciler.secrets.fernet_text import FernetKey
from reconciler.store.foreign import ForeignTables, read_tables


def never(token: str) -> str:
    raise AssertionError(token)


def test_its_database_with_its_key(tmp_path: Path) -> None:
    key = Fernet.generate_key()
    tables = read_tables(oxide(tmp_path / "config.db", key), TABLES)
    found = import_oxide_database(tables, "config.db", FernetKey(key.decode(), "k").open)
    made = specs(found)
    assert made["Provider/openrouter"]["retry"] == {"attempts": 3, "backoff": "1s"}
    assert made["Provider/openrouter"]["config"] == {
        "baseURL": "https://openrouter.ai/api/v1",
        "apiKey": {"valueFrom": {"env": "OPENROUTER_API_KEY"}},
        "timeout": "90s",
    }
    assert made["Route/general_purpose"]["timeouts"] == {"total": "60s"}
    assert secrets(found) == {
        "services.openrouter.api_key": OPENROUTER_KEY,
        "config_history[1].services.openrouter.api_key": OLD_KEY,
    }
    assert any("config_history holds keys" in warning for warning in found.warnings)
    assert losses(found)["config_history"].startswith("3 rows")
    assert "discovered_nodes" in losses(found)


def test_a_wrong_key_ends_it(tmp_path: Path) -> None:
    tables = read_tables(oxide(tmp_path / "config.db", Fernet.generate_key()), TABLES)
    with pytest.raises(SecretError, match="does not open"):
        import_oxide_database(tables, "config.db", FernetKey(Fernet.generate_key().decode(), "k").open)


def test_without_anything_encrypted_no_key_is_asked_for(tmp_path: Path) -> None:
    tables = read_tables(oxide(tmp_path / "config.db", None), TABLES)
    found = import_oxide_database(ForeignTables(tables.rows, {"tasks": 3, "empty": 0}), "config.db", never)
    assert "apiKey" not in specs(found)["Provider/openrouter"]["config"]  # type: ignore[operator]  # a mapping
    assert "tasks" in losses(found)
    assert "empty" not in losses(found)


def test_an_empty_database_is_nothing() -> None:
    assert import_oxide_database(ForeignTables({}, {}), "f", never).resources == ()


def test_its_yaml_has_its_own_form() -> None:
    assert import_oxide({"services": {}}, "f").forms == ("f: Oxide's YAML",)


def test_profiles_are_words_on_models() -> None:
    found = import_profiles(read_foreign((DATA / "models.yaml").read_bytes(), "models.yaml"), "models.yaml")
    assert found.descriptions["qwen2.5-coder:7b"] == (
        "Strengths: short functions, tests. Weaknesses: long contexts. Good for: code_generation."
    )
    more = import_profiles({"model_profiles": {"x": {"price": 1}}, "top": 1}, "f")
    assert more.descriptions == {}
    assert set(losses(more)) == {"model_profiles.x.price", "top"}
