"""What migrate asks on a terminal: which of what was found, where to, and under which names."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from reconciler.control.importing.findings import Findings
from reconciler.errors import InvalidInput

ALL = "all"
_MANIFESTS, _STORE = "manifests", "store"


@dataclass(frozen=True, slots=True)
class Aim:
    """Where it goes: the store, or a folder of manifests."""

    applies: bool
    folder: Path


def somebody_answers() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def which_of(found: Sequence[Findings]) -> list[Findings]:
    """Nothing is asked where there is no choice."""
    if len(found) < 2:
        return list(found)
    click.echo("Found:")
    for number, each in enumerate(found, 1):
        click.echo(f"  {number}. {each.forms[0]}")
    while True:
        answer = click.prompt("Which of them? Numbers, or all", default=ALL)
        chosen = _numbers(answer, len(found))
        if chosen is not None:
            return [found[number - 1] for number in chosen]
        click.echo(f"Write numbers from 1 to {len(found)}, such as 1 2, or all.")


def where_to(aim: Aim) -> Aim:
    """`aim` is what is proposed."""
    click.echo("manifests: files to read over and commit; they are served by up -f. store: served at once.")
    said = click.prompt(
        "Where to?",
        type=click.Choice([_MANIFESTS, _STORE]),
        default=_STORE if aim.applies else _MANIFESTS,
    )
    if said == _STORE:
        return Aim(True, aim.folder)
    return Aim(False, Path(click.prompt("Into which folder?", default=str(aim.folder))))


def names_for(findings: Findings) -> dict[str, str]:
    """Other names for Providers."""
    providers = [each.key.name for each in findings.resources if each.key.kind == "Provider"]
    if not providers:
        return {}
    click.echo(f"Providers: {', '.join(providers)}")
    while True:
        answer = click.prompt("Other names? OLD=NEW ..., or Enter for these", default="", show_default=False)
        try:
            return pairs(answer.split())
        except InvalidInput as error:
            click.echo(error.message)


def pairs(written: Sequence[str]) -> dict[str, str]:
    """`OLD=NEW` texts. Raises InvalidInput for another one."""
    found: dict[str, str] = {}
    for text in written:
        old, equals, new = text.partition("=")
        if not (old and equals and new):
            raise InvalidInput(f"{text[:80]} is no pair of names", hint="write OLD=NEW")
        found[old] = new
    return found


def _numbers(answer: str, most: int) -> list[int] | None:
    words = answer.replace(",", " ").split()
    if words == [ALL]:
        return [*range(1, most + 1)]
    if not words or not all(word.isdecimal() and 1 <= int(word) <= most for word in words):
        return None
    return [*dict.fromkeys(int(word) for word in words)]
