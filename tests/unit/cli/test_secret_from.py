from pathlib import Path

import click
import pytest

from reconciler.cli.secret_from import env, secret_from, secrets_given
from reconciler.control.imperative.assigning import fieldset
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonValue

FIELDS = fieldset("Provider", "ollama")


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("env:A_KEY", {"valueFrom": {"env": "A_KEY"}}),
        ("file:/run/secrets/a", {"valueFrom": {"file": "/run/secrets/a"}}),
        ("secret:keys/OPENAI", {"valueFrom": {"secret": {"name": "keys", "key": "OPENAI"}}}),
    ],
)
def test_references_are_kept(word: str, value: JsonValue) -> None:
    assert secret_from(word) == value
    assert env("A_KEY") == {"valueFrom": {"env": "A_KEY"}}


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-1\n")
    assert secrets_given(FIELDS, [("apiKey", f"@{tmp_path}/key"), ("tls.key", "env:K_TOKEN")]) == {
        ("config", "apiKey"): "sk-1",
        ("config", "tls", "key"): {"valueFrom": {"env": "K_TOKEN"}},
    }


@pytest.mark.parametrize("word", ["sk-canary", "env:", "secret:name", "@"])
def test_what_says_not_where_it_is(word: str) -> None:
    with pytest.raises(InvalidInput) as error:
        secret_from(word)
    assert "sk-canary" not in str(error.value)


def test_what_is_no_secret_and_stdin_twice() -> None:
    with pytest.raises(InvalidInput, match="timeout is no field for a secret"):
        secrets_given(FIELDS, [("timeout", "env:A")])
    with pytest.raises(click.UsageError, match="say - once"):
        secrets_given(FIELDS, [("apiKey", "-"), ("tls.key", "-")])
