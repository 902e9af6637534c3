from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from fakes.foreign_config import oxide, provider_router
from fakes.importing import DATA

from reconciler.control.importing.reading import AUTO, Reading
from reconciler.errors import InvalidInput, SecretError


def forms(*paths: Path, form: str = AUTO, key: Path | None = None, **environ: str) -> list[str]:
    found = Reading(environ, "default", form, key).findings(paths)
    return [each.forms[0].partition(": ")[2] for each in found]


@pytest.mark.parametrize(
    ("name", "form", "told"),
    [
        ("router.env", "env", "environment file of the provider-router"),
        ("oxide.yaml", "oxide", "Oxide's YAML"),
        ("models.yaml", "oxide", "Oxide's model profiles"),
        ("litellm.yaml", "litellm", "LiteLLM's config"),
    ],
)
def test_each_file_is_what_it_is(name: str, form: str, told: str) -> None:
    assert forms(DATA / name) == forms(DATA / name, form=form) == [told]


def test_it_is_what_was_said_or_refused() -> None:
    with pytest.raises(InvalidInput, match="is of oxide, not of litellm"):
        forms(DATA / "oxide.yaml", form="litellm")


def test_an_environment_file_may_have_any_name(tmp_path: Path) -> None:
    (tmp_path / "settings").write_text("PORT=3001\nHOST=::\nLM_STUDIO_BASE_URL=http://x\n")
    assert forms(tmp_path / "settings") == ["environment file of the provider-router"]
    (tmp_path / "words").write_text("just words\nand more: of them: here\n")
    with pytest.raises(InvalidInput):
        forms(tmp_path / "words")
    (tmp_path / "other.yaml").write_text("a: 1\n")
    with pytest.raises(InvalidInput, match="nothing that is known"):
        forms(tmp_path / "other.yaml")


def test_a_folder_stands_for_what_is_known_in_it(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LM_STUDIO_BASE_URL=http://x\n")
    (tmp_path / ".env.example").write_text("LM_STUDIO_BASE_URL=http://y\n")
    (tmp_path / "compose.yaml").write_text("version: 3\n")
    (tmp_path / "data").mkdir()
    provider_router(tmp_path / "data" / "router.db", 3)
    assert forms(tmp_path) == [
        "database of the provider-router, schema 3",
        "environment file of the provider-router",
    ]
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInput, match="nothing that can be imported"):
        forms(tmp_path / "empty")


def test_oxides_key_is_the_files_the_variables_or_beside_it(tmp_path: Path) -> None:
    key = Fernet.generate_key()
    config = oxide(tmp_path / "config.db", key)
    with pytest.raises(SecretError, match="there is no key"):
        forms(config)
    assert forms(config, OXIDE_ENCRYPTION_KEY=key.decode()) == ["Oxide's database"]
    (tmp_path / "encryption.key").write_bytes(key)
    assert forms(config) == ["Oxide's database"]
    (tmp_path / "wrong").write_bytes(Fernet.generate_key())
    with pytest.raises(SecretError, match="does not open"):
        forms(config, key=tmp_path / "wrong", OXIDE_ENCRYPTION_KEY=key.decode())
