"""Options of `provider add` and `provider edit`, and the fields of a Provider that they stand for."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypedDict, TypeVar

import click

from reconciler.cli.key_options import Pair
from reconciler.cli.secret_from import FORMS, env, secrets_given
from reconciler.cli.secret_value import read_value
from reconciler.control.imperative.assigning import Fieldset, assigned
from reconciler.json_types import JsonValue
from reconciler.provider_types.catalog import PROVIDER_TYPES

F = TypeVar("F", bound=Callable[..., object])
FieldPath = tuple[str, ...]
API_KEY: FieldPath = ("config", "apiKey")
BASE_URL: FieldPath = ("config", "baseURL")
_AGAIN = "May be given again."


class Told(TypedDict):
    """The values of the options below; None and () where nothing is said."""

    provider_type: str | None
    base_url: str | None
    api_key_env: str | None
    api_key_file: Path | None
    api_key_stdin: bool
    secrets: tuple[tuple[str, str], ...]
    assignments: tuple[str, ...]
    display_name: str | None
    description: str | None
    priority: int | None
    enabled: bool | None


def provider_options(command: F) -> F:
    """Gives the command the keywords of Told."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def says_something(told: Told) -> bool:
    unsaid = {**told, "api_key_stdin": told["api_key_stdin"] or None}
    return any(value is not None and value != () for value in unsaid.values())


def check_type(written: str | None) -> None:
    """Raises UsageError for a type that there is not."""
    if written is not None and written not in PROVIDER_TYPES:
        raise click.BadParameter(
            f'there is no provider type "{written}"; one of {", ".join(PROVIDER_TYPES)}', param_hint="--type"
        )


def fields_told(told: Told, fields: Fieldset) -> Mapping[FieldPath, JsonValue]:
    """Raises UsageError for a key that is said twice, InvalidInput for what can't be."""
    plain: dict[FieldPath, JsonValue] = {
        ("displayName",): told["display_name"],
        ("description",): told["description"],
        BASE_URL: told["base_url"],
        ("priority",): told["priority"],
        ("enabled",): told["enabled"],
    }
    found = {path: value for path, value in plain.items() if value is not None}
    secrets = secrets_given(fields, told["secrets"])
    ways = [told["api_key_env"] is not None, told["api_key_file"] is not None, told["api_key_stdin"]]
    if sum(ways) + (API_KEY in secrets) > 1:
        raise click.UsageError("say once where the API key is")
    if told["api_key_env"] is not None:
        found[API_KEY] = env(told["api_key_env"])
    elif told["api_key_file"] is not None or told["api_key_stdin"]:
        found[API_KEY] = read_value(told["api_key_file"]).reveal()
    return {**found, **secrets, **assigned(fields, told["assignments"])}


_OPTIONS: tuple[Callable[[F], F], ...] = (
    click.option(
        "--type", "provider_type", metavar="TYPE", help=f"How it is spoken to: {', '.join(PROVIDER_TYPES)}."
    ),
    click.option("--base-url", metavar="URL", help="Where its interface begins."),
    click.option(
        "--api-key-env", metavar="NAME", help="The variable that holds its key: kept as a reference."
    ),
    click.option(
        "--api-key-file",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Its key, read from a file now, and sealed.",
    ),
    click.option("--api-key-stdin", is_flag=True, help="Its key, read from stdin now, and sealed."),
    click.option(
        "--secret",
        "secrets",
        metavar="FIELD=FROM",
        type=Pair(),
        multiple=True,
        help=f"Where another secret is: {FORMS}. {_AGAIN}",
    ),
    click.option(
        "--set",
        "assignments",
        metavar="KEY=VALUE",
        multiple=True,
        help=f"Any field, as explain provider.spec tells: timeout=90s, health.probe.interval=10s. {_AGAIN}",
    ),
    click.option("--display-name", metavar="TEXT", help="Its name for people."),
    click.option("--description", metavar="TEXT", help="What it is for."),
    click.option("--priority", type=int, help="Higher is tried first."),
    click.option("--enabled/--disabled", default=None, help="Whether it serves requests."),
)
