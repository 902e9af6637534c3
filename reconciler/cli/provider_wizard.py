"""`provider add` and `provider edit`, asked for one thing after the other."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import click

from reconciler.cli.asking import ask, ask_secret, choose
from reconciler.cli.provider_draft import Draft, models_of
from reconciler.cli.provider_options import API_KEY, BASE_URL, FieldPath
from reconciler.cli.secret_from import env
from reconciler.cli.secret_value import read_value
from reconciler.control.imperative.assigning import typed
from reconciler.control.importing.naming import object_name, variable_of
from reconciler.control.manifest.printable import printable
from reconciler.control.provider_templates import TEMPLATES, Template
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonValue, value_at
from reconciler.provider_types.catalog import PROVIDER_TYPES

OTHER = "other"
_WAYS = ("variable", "type", "file", "none")


def ask_begin(
    name: str | None, template: Template | None, provider_type: str | None
) -> tuple[str, Template | None, str | None]:
    """What a Provider can't be without: its name, and a template or its type."""
    if template is None and provider_type is None:
        click.echo("Templates:", err=True)
        for each in TEMPLATES.values():
            note = f" ({each.note})" if each.note else ""
            click.echo(f"  {each.name:<11} {each.display_name}{note}", err=True)
        word = choose(f"Template, or {OTHER}", (*TEMPLATES, OTHER), "openai")
        template = TEMPLATES.get(word)
        if template is None:
            provider_type = choose("Type", tuple(PROVIDER_TYPES), "openai-compatible")
    if name is None:
        name = ask("Name", template.name if template is not None else "", check=_check_name)
    return name, template, provider_type


def ask_new(
    draft: Draft, template: Template | None, *, known: Collection[str], asked: Collection[FieldPath]
) -> Draft:
    """The rest. `known`: Models that are there; `asked`: the fields that options said already."""
    fields = dict(_fields(draft, template, asked))
    draft = draft.with_fields(fields)
    return draft if draft.models else replace(draft, models=models_of(*_ask_models(known)))


def _fields(
    draft: Draft, template: Template | None, asked: Collection[FieldPath]
) -> Mapping[FieldPath, JsonValue]:
    found: dict[FieldPath, JsonValue] = {}
    takes = PROVIDER_TYPES[draft.type].config.model_fields
    if ("displayName",) not in asked:
        shown = draft.spec.get("displayName")
        answer = ask("Display name", shown if isinstance(shown, str) else draft.name)
        found["displayName",] = answer or None
    if "baseURL" in takes and BASE_URL not in asked:
        held = value_at(draft.spec, BASE_URL) or takes["baseURL"].default
        answer = ask("Base URL", held if isinstance(held, str) else "", check=_check_some)
        found[BASE_URL] = answer
    if "apiKey" in takes and API_KEY not in asked:
        variable = template.variable if template is not None else variable_of(draft.name)
        found[API_KEY] = ask_key(variable)
    if ("priority",) not in asked:
        found["priority",] = _ask_number("Priority (higher is tried first)", 0)
    return found


def ask_key(variable: str | None) -> JsonValue:
    """Where its key is, or the key; None: it has none."""
    click.echo("Its API key: in a variable, typed now, in a file, or none.", err=True)
    way = choose(f"Key ({', '.join(_WAYS)})", _WAYS, "variable" if variable else "none")
    if way == "variable":
        return env(ask("Variable", variable or "", check=_check_some))
    if way == "file":
        return read_value(Path(ask("File", check=_check_some))).reveal()
    typed_ = ask_secret("Key (not shown)") if way == "type" else None
    return typed_.reveal() if typed_ is not None else None


def _ask_models(known: Collection[str]) -> tuple[list[str], str | None]:
    if known:
        click.echo(f"Models that are there: {printable(', '.join(sorted(known)))}", err=True)
    answer = ask("Models that it serves, between commas (none: later, with model link)")
    words = [word.strip() for word in answer.split(",") if word.strip()]
    if not words:
        return [], None
    names = [word.partition("=")[0] for word in words]
    default = choose("Its default model, or none", (*names, "none"), names[0])
    return words, None if default == "none" else default


def _ask_number(question: str, default: int) -> int:
    return int(ask(question, str(default), check=lambda text: typed("priority", "integer", text)))


def _check_name(name: str) -> None:
    if not name or object_name(name) != name:
        raise InvalidInput(
            "that is no name for a resource",
            hint=f"letters, digits, '.', '_' and '-', such as {object_name(name or 'openai')}",
        )


def _check_some(answer: str) -> None:
    if not answer:
        raise InvalidInput("it can't be empty")
