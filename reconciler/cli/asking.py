"""Questions to the person at the terminal, where there is one. They go to stderr: stdout is for what a command says."""

import sys
from collections.abc import Callable, Sequence

import click

from reconciler.control.manifest.suggestions import suggestion
from reconciler.errors import InvalidInput, RouterctlError
from reconciler.secrets.value import SecretValue


def somebody_answers() -> bool:
    """Whether a person sits there: a pipe and a cron job don't."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str, default: str = "", *, check: Callable[[str], object] | None = None) -> str:
    """One line; the default where it is empty. Asks again as long as `check` raises RouterctlError or ValueError."""
    while True:
        answer = str(click.prompt(question, default=default, err=True, show_default=bool(default))).strip()
        if check is None:
            return answer
        try:
            check(answer)
        except (RouterctlError, ValueError) as error:
            click.echo(f"  {error}", err=True)
            continue
        return answer


def choose(question: str, known: Sequence[str], default: str = "") -> str:
    """One of the words; asks again for another, and says which one was meant."""

    def check(answer: str) -> None:
        if answer not in known:
            close = suggestion(answer, known)
            meant = f"did you mean {close}?" if close else f"one of {', '.join(known)}"
            raise InvalidInput(f'there is no "{answer}"', hint=meant)

    return ask(question, default, check=check)


def ask_yes(question: str, *, default: bool = False) -> bool:
    return click.confirm(question, default=default, err=True)


def ask_secret(question: str) -> SecretValue | None:
    """Without an echo; None where nothing is typed."""
    typed = str(click.prompt(question, default="", hide_input=True, show_default=False, err=True)).strip()
    return SecretValue(typed) if typed else None
