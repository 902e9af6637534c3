"""`provider edit` at a terminal: what is there is shown, and kept where nothing else is said."""

from collections.abc import Mapping

import click

from reconciler.cli.asking import ask, ask_yes
from reconciler.cli.provider_options import API_KEY, BASE_URL, FieldPath
from reconciler.cli.provider_wizard import ask_key
from reconciler.control.imperative.assigning import Fieldset, typed
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue, value_at

_NOTHING = "-"
_PATHS: tuple[FieldPath, ...] = (
    ("displayName",),
    ("description",),
    BASE_URL,
    ("priority",),
    ("config", "timeout"),
)


def ask_edit(spec: JsonObject, fields: Fieldset) -> Mapping[FieldPath, JsonValue]:
    """What is to be another. An empty answer keeps what is there; - takes it away."""
    click.echo("Enter keeps what is there; - takes it away.", err=True)
    found: dict[FieldPath, JsonValue] = {}
    for path in _PATHS:
        found |= _asked(path, spec, fields)
    if API_KEY in fields.secrets() and ask_yes("Another API key?"):
        found[API_KEY] = ask_key(None)
    enabled = spec.get("enabled") is not False
    if ask_yes("Enabled?", default=enabled) != enabled:
        found["enabled",] = not enabled
    return found


def _asked(path: FieldPath, spec: JsonObject, fields: Fieldset) -> Mapping[FieldPath, JsonValue]:
    """Nothing where it stays, and where the type has no such field."""
    key = ".".join(path)
    try:
        _, kind = fields.path(key)
    except InvalidInput:
        return {}
    held = value_at(spec, path)
    shown = "" if held is None else str(held)

    def check(answer: str) -> None:
        if answer not in ("", _NOTHING):
            typed(key, kind, answer)

    answer = ask(key, shown, check=check)
    if answer == _NOTHING:
        return {path: None}
    return {} if answer == shown else {path: typed(key, kind, answer)}
