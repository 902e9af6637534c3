"""Options of the commands that read the traffic records, and what they stand for."""

import re
from collections.abc import Callable
from typing import TypedDict, TypeVar

import click

from reconciler.cli.moments import Moment, MomentWord
from reconciler.cli.session import Session
from reconciler.store import failures
from reconciler.store.traffic_query import ENDINGS, SoughtRequests, TrafficReader

F = TypeVar("F", bound=Callable[..., object])

_CODE = re.compile(r"[1-5][0-9]{2}")
_CLASS = re.compile(r"[1-5]xx")
_WORDS = frozenset({"ok", "failed", *ENDINGS})


class Filters(TypedDict):
    """The values of the options below."""

    model: str | None
    provider: str | None
    status: str | None
    endpoint: str | None
    in_session: str | None
    client: str | None
    since: Moment | None


class StatusWord(click.ParamType[str, str]):
    """A status, a class of them, an ending, or a word: separated by commas."""

    name = "status"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        for word in value.split(","):
            if word not in _WORDS and not _CODE.fullmatch(word) and not _CLASS.fullmatch(word):
                known = f"429, 5xx, ok, failed, {', '.join(ENDINGS)}"
                self.fail(f'"{word}" is no status; write {known}, or several with commas', param, ctx)
        if "failed" in value.split(",") and value != "failed":
            self.fail(
                "failed stands alone: it is every 4xx and 5xx but 499, and every broken answer", param, ctx
            )
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
        click.option("--session", "in_session", metavar="ID", help="Only those of a client's session."),
        click.option(
            "--since",
            metavar="WHEN",
            type=MomentWord(),
            default=since,
            help=f"Only from then on: 2h, 7d, 2026-11-01, 2026-11-01T12:00:00Z.{told}",
        ),
    ]

    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def sought(session: Session, filters: Filters) -> SoughtRequests:
    status, since = filters["status"], filters["since"]
    words = [] if status in {None, "failed"} else (status or "").split(",")
    return SoughtRequests(
        model=filters["model"],
        provider=filters["provider"],
        statuses=tuple(_range(word) for word in words if word not in ENDINGS),
        endings=tuple(word for word in words if word in ENDINGS),
        failed=status == "failed",
        endpoint=filters["endpoint"],
        session=filters["in_session"],
        namespace=session.namespace,
        client=filters["client"],
        since=None if since is None else int(since.moment(session.clock).timestamp() * 1000),
    )


def open_traffic(session: Session) -> TrafficReader:
    """Raises StoreMissing where there is no store that could have any."""
    location = session.location
    if not location.config_path.exists() and not location.traffic_path.exists():
        raise failures.missing(location.config_path)
    return TrafficReader(location.traffic_path)


def _range(word: str) -> tuple[int, int]:
    if word == "ok":
        return 200, 399
    return (int(word[0]) * 100, int(word[0]) * 100 + 99) if word.endswith("xx") else (int(word), int(word))
