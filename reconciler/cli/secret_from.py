"""Where a secret comes from, in a word: a reference that is kept as it is, or a place to read the value once."""

from collections.abc import Iterable
from pathlib import Path

import click

from reconciler.cli.secret_value import read_value
from reconciler.control.imperative.assigning import SECRET, Fieldset
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue

FORMS = (
    "env:NAME, file:PATH and secret:NAME/KEY are kept as references; @FILE and - (stdin) are read, and sealed"
)


def secret_from(word: str) -> JsonValue:
    """The value of a secret field. What is read is plain: who stores it seals it. Raises InvalidInput."""
    kind, colon, rest = word.partition(":")
    if word == "-":
        return read_value(None).reveal()
    if word.startswith("@") and len(word) > 1:
        return read_value(Path(word[1:])).reveal()
    if colon and rest and kind in ("env", "file"):
        return {"valueFrom": {kind: rest}}
    name, slash, key = rest.partition("/")
    if kind == "secret" and slash and name and key:
        return {"valueFrom": {"secret": {"name": name, "key": key}}}
    raise InvalidInput("this says not where a secret is", hint=f"write it as one of these: {FORMS}")


def env(name: str) -> JsonObject:
    return {"valueFrom": {"env": name}}


def secrets_given(fields: Fieldset, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, ...], JsonValue]:
    """Of FIELD=FROM: where each goes, and what is there. Raises UsageError where stdin is meant twice."""
    told = [*pairs]
    if sum(word == "-" for _, word in told) > 1:
        raise click.UsageError("stdin holds one secret: say - once")
    found: dict[tuple[str, ...], JsonValue] = {}
    for key, word in told:
        path, kind = fields.path(key)
        if kind != SECRET:
            raise InvalidInput(f"{key} is no field for a secret", hint=f"give it with --set {key}=VALUE")
        found[path] = secret_from(word)
    return found
