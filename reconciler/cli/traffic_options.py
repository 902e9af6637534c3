"""Options of the commands that read the traffic records, and what they stand for."""

from collections.abc import Callable
from typing import TypedDict, TypeVar

import click

from reconciler.api.request_filters import Statuses, statuses
from reconciler.cli.moments import Moment, MomentWord
from reconciler.cli.session import Session
from reconciler.errors import InvalidInput
from reconciler.store.traffic_query import SoughtRequests

F = TypeVar("F", bound=Callable[..., object])


class Filters(TypedDict):
    """The values of the options below."""

    model: str | None
    provider: str | None
    status: str | None
    endpoint: str | None
    in_session: str | None
    client: str | None
    since: Moment | None
    until: Moment | None


class StatusWord(click.ParamType[str, str]):
    """A status, a class of them, an ending, or a word: separated by commas."""

    name = "status"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            statuses(value)
        except InvalidInput as error:
            self.fail(error.message, param, ctx)
        return value


def filter_options(since: str | None = None) -> Callable[[F], F]:
    """Gives the command the keywords of Filters. `since`: what is meant where nothing is said."""
    told = f" [default: {since}]" if since is not None else ""
    options: list[Callable[[F], F]] = [
        click.option("--model", metavar="NAME", help="Only requests that this model served."),
        click.option("--provider", metavar="NAME", help="Only those that this provider answered."),
        click.option(
            "--status",
            metavar="STATUS",
            type=StatusWord(),
            help="Only with this status or ending: 429, 5xx, ok, failed, complete, refused, broken, gone.",
        ),
        click.option("--endpoint", metavar="NAME", help="Only of this endpoint: chat, embeddings, messages."),
        click.option("--client", metavar="NAME", help="Only those of this ClientKey."),
        click.option(
            "--session",
            "in_session",
            metavar="ID",
            help="Only those of a session: its id, or what its client calls it.",
        ),
        click.option(
            "--since",
            metavar="WHEN",
            type=MomentWord(),
            default=since,
            help=f"Only from then on: 2h, 7d, 2026-11-01, 2026-11-01T12:00:00Z.{told}",
        ),
        click.option("--until", metavar="WHEN", type=MomentWord(), help="Only before then."),
    ]

    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def sought(session: Session, filters: Filters) -> SoughtRequests:
    status = statuses(filters["status"]) if filters["status"] is not None else Statuses()
    return SoughtRequests(
        model=filters["model"],
        provider=filters["provider"],
        statuses=status.ranges,
        endings=status.endings,
        failed=status.failed,
        endpoint=filters["endpoint"],
        session=filters["in_session"],
        namespace=session.namespace,
        client=filters["client"],
        since=_milliseconds(session, filters["since"]),
        until=_milliseconds(session, filters["until"]),
    )


def _milliseconds(session: Session, moment: Moment | None) -> int | None:
    return None if moment is None else int(moment.moment(session.clock).timestamp() * 1000)
