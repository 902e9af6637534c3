"""`test` and `provider test`: a Provider is asked, from here or by the server, and what came of it is told."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import quote

import click

from reconciler.cli.naming import key_of
from reconciler.cli.options import Duration, program_options, reach_options
from reconciler.cli.output import DATA_FORMATS, listing, output_option, print_data
from reconciler.cli.progress import progress
from reconciler.cli.provider_report_output import reports_text
from reconciler.cli.session import Session
from reconciler.cli.surroundings import Given, surroundings_of
from reconciler.errors import Unreachable
from reconciler.late import late

if TYPE_CHECKING:
    from reconciler.bootstrap import provider_test
    from reconciler.control import provider_report
else:
    provider_report = late("reconciler.control.provider_report")
    provider_test = late("reconciler.bootstrap.provider_test")

F = TypeVar("F", bound=Callable[..., object])


def asking_options(command: F) -> F:
    """What a Provider is asked, as the keywords `how`; and -o."""

    @wraps(command)
    def with_options(
        *arguments: object,
        chat: bool,
        model: str | None,
        timeout: float,
        allow_env: tuple[str, ...],
        allow_file: tuple[str, ...],
        allow_exec: tuple[str, ...],
        allow_dir: tuple[str, ...],
        **named: object,
    ) -> object:
        asked = provider_test.Asked(chat or model is not None, model, timeout)
        reach = (allow_env, allow_file, allow_exec, allow_dir)
        return command(*arguments, asked=asked, reach=reach, **named)

    wrapped: Callable[..., object] = output_option("text", DATA_FORMATS)(with_options)
    wrapped = reach_options(program_options(wrapped))
    for option in (
        click.option(
            "--timeout",
            metavar="DURATION",
            type=Duration(),
            default="10s",
            show_default=True,
            help="How long each answer may take, a chat a minute at least. A server has its own bound.",
        ),
        click.option("--model", metavar="NAME", help="With --chat: which one, as the Provider calls it."),
        click.option("--chat", is_flag=True, help="Ask a model for a word, too: that costs some tokens."),
    ):
        wrapped = option(wrapped)
    return cast("F", wrapped)


def ask_all(
    session: Session, names: Sequence[str], asked: "provider_test.Asked", reach: Given, output: str
) -> int:
    """The exit code: that of what can't be reached, where something is wrong."""
    ask = _remote if session.is_remote else _here
    each = [*dict.fromkeys(names)]
    reports: list[provider_report.ProviderReport] = []
    with progress("Testing providers", pulsing=True) as line:
        for name in each:
            line.count(len(reports), len(each))
            reports.append(ask(session, name, asked, reach))
    if output != "text":
        shown = [report.data() for report in reports]
        print_data(shown[0] if len(shown) == 1 else listing(shown), output)
    else:
        click.echo(reports_text(reports, session.environ))
    return 0 if all(report.ok for report in reports) else Unreachable.exit_code


def _here(
    session: Session, name: str, asked: "provider_test.Asked", reach: Given
) -> "provider_report.ProviderReport":
    with surroundings_of(session, reach) as around:
        return provider_test.examine_provider(around, key_of("Provider", session.namespace, name), asked)


def _remote(
    session: Session, name: str, asked: "provider_test.Asked", reach: Given
) -> "provider_report.ProviderReport":
    """The server asks, as its workers would. Raises UsageError for what only this machine's process may reach."""
    if any(reach):
        raise click.UsageError(
            "--allow-... is the server's to say: what it may reach was given when it was started"
        )
    path = f"/v1/providers/{quote(name, safe='')}/test"
    given = {"namespace": session.namespace, "chat": "true" if asked.chat else None, "model": asked.model}
    query = {name: value for name, value in given.items() if value is not None}
    answer = session.connection.post(path, query=query, seconds=provider_test.CHAT_SECONDS + asked.seconds)
    told = answer.json()
    try:
        return provider_report.report_of(told if isinstance(told, dict) else {})
    except ValueError:
        raise Unreachable(f"{session.connection.server.url} told no report of a test") from None
