"""Options of `model add`, and the fields of a Model that they stand for."""

from collections.abc import Callable, Mapping
from typing import TypedDict, TypeVar

import click

from reconciler.control.imperative.assigning import assigned, fieldset
from reconciler.json_types import JsonValue

F = TypeVar("F", bound=Callable[..., object])
_AGAIN = "May be given again."


class Told(TypedDict):
    """The values of the options below; None and () where nothing is said."""

    display_name: str | None
    description: str | None
    capabilities: tuple[str, ...]
    context_window: int | None
    max_output_tokens: int | None
    aliases: tuple[str, ...]
    assignments: tuple[str, ...]


def model_options(command: F) -> F:
    """Gives the command the keywords of Told."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def fields_told(told: Told) -> Mapping[tuple[str, ...], JsonValue]:
    plain: dict[str, JsonValue] = {
        "displayName": told["display_name"],
        "description": told["description"],
        "capabilities": [*told["capabilities"]] or None,
        "contextWindow": told["context_window"],
        "maxOutputTokens": told["max_output_tokens"],
        "aliases": [*told["aliases"]] or None,
    }
    found: dict[tuple[str, ...], JsonValue] = {
        (name,): value for name, value in plain.items() if value is not None
    }
    return {**found, **assigned(fieldset("Model"), told["assignments"])}


_OPTIONS: tuple[Callable[[F], F], ...] = (
    click.option("--display-name", metavar="TEXT", help="Its name for people."),
    click.option("--description", metavar="TEXT", help="What it is good for."),
    click.option(
        "--capability",
        "capabilities",
        metavar="WORD",
        multiple=True,
        help=f"What it can do: chat, embeddings, tools, vision, json-schema, audio. {_AGAIN}",
    ),
    click.option("--context-window", type=int, metavar="TOKENS", help="Tokens that prompt and answer share."),
    click.option("--max-output-tokens", type=int, metavar="TOKENS", help="Tokens an answer may have."),
    click.option("--alias", "aliases", metavar="NAME", multiple=True, help=f"Another name for it. {_AGAIN}"),
    click.option(
        "--set",
        "assignments",
        metavar="KEY=VALUE",
        multiple=True,
        help=f"Any field, as explain model.spec tells: pricing.input=0.15. {_AGAIN}",
    ),
)
