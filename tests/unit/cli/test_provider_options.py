import io
import sys
from pathlib import Path

import click
import pytest

from reconciler.cli.provider_options import Told, check_type, fields_told, says_something
from reconciler.control.imperative.assigning import fieldset

FIELDS = fieldset("Provider", "openai-compatible")
NOTHING = Told(
    provider_type=None,
    base_url=None,
    api_key_env=None,
    api_key_file=None,
    api_key_stdin=False,
    secrets=(),
    assignments=(),
    display_name=None,
    description=None,
    priority=None,
    enabled=None,
)


def test_each_option_is_a_field() -> None:
    told = Told(
        provider_type="ollama",
        base_url="http://h/v1",
        api_key_env="A_API_KEY",
        api_key_file=None,
        api_key_stdin=False,
        secrets=(("tls.key", "env:B_TOKEN"),),
        assignments=("timeout=9s",),
        display_name="P",
        description="d",
        priority=0,
        enabled=False,
    )
    assert fields_told(told, FIELDS) == {
        ("displayName",): "P",
        ("description",): "d",
        ("config", "baseURL"): "http://h/v1",
        ("priority",): 0,
        ("enabled",): False,
        ("config", "apiKey"): {"valueFrom": {"env": "A_API_KEY"}},
        ("config", "tls", "key"): {"valueFrom": {"env": "B_TOKEN"}},
        ("config", "timeout"): "9s",
    }


def test_a_key_from_a_file_and_from_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("sk-1\n")
    assert fields_told({**NOTHING, "api_key_file": tmp_path / "key"}, FIELDS) == {
        ("config", "apiKey"): "sk-1"
    }
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"sk-2\n")))
    assert fields_told({**NOTHING, "api_key_stdin": True}, FIELDS) == {("config", "apiKey"): "sk-2"}
    with pytest.raises(click.UsageError, match="say once where the API key is"):
        fields_told({**NOTHING, "api_key_env": "A", "secrets": (("apiKey", "env:B"),)}, FIELDS)


def test_whether_anything_is_said() -> None:
    assert not says_something(NOTHING)
    assert says_something({**NOTHING, "enabled": False})
    assert says_something({**NOTHING, "priority": 0})


def test_a_type_that_there_is_not() -> None:
    check_type(None)
    check_type("ollama")
    with pytest.raises(click.BadParameter, match='no provider type "olama"; one of openai-compatible'):
        check_type("olama")
