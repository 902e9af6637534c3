"""routerctl route explain"""

from collections.abc import Iterable, Iterator, Mapping
from typing import get_args

import click

from reconciler.bootstrap.explaining import Explanation, explain
from reconciler.bootstrap.reading import open_reader
from reconciler.cli.output import DATA_FORMATS, Column, fact, output_option, print_data, table
from reconciler.cli.session import Session
from reconciler.errors import Unreachable
from reconciler.gateway.routing.facts import GivenFacts
from reconciler.json_types import JsonObject
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.resources.resource import DEFAULT_NAMESPACE
from reconciler.resources.route import Capability
from reconciler.snapshot.model import RoutedCandidate
from reconciler.snapshot.routes import canonical

_BY_LABEL = {row.label: row.endpoint for row in ENDPOINTS.values()}
_ALIVE = frozenset({"weighted", "least-busy", "lowest-latency", "sticky"})


@click.command(
    epilog="Example: routerctl route explain --model gpt-4o-mini --header X-Team:search --needs tools"
)
@click.option(
    "--model", metavar="NAME", help="What the client asks for (default: a request that names none)."
)
@click.option(
    "--header",
    "headers",
    metavar="NAME:VALUE",
    multiple=True,
    help="A header of the request. May be given again.",
)
@click.option("--task", metavar="TYPE", default="", help="Its task type, as X-Task-Type says it.")
@click.option(
    "--tokens", metavar="N", type=click.IntRange(min=0), default=0, help="How long its prompt is, in tokens."
)
@click.option(
    "--needs",
    type=click.Choice(get_args(Capability)),
    multiple=True,
    help="What it needs a model to be able to do. May be given again.",
)
@click.option("--stream", is_flag=True, help="It asks for a stream.")
@click.option(
    "--endpoint",
    type=click.Choice(tuple(_BY_LABEL)),
    default="chat",
    show_default=True,
    help="What is asked.",
)
@output_option("text", DATA_FORMATS)
@click.pass_obj
def command(
    session: Session,
    *,
    model: str | None,
    headers: tuple[str, ...],
    task: str,
    tokens: int,
    needs: tuple[str, ...],
    stream: bool,
    endpoint: str,
    output: str,
) -> int:
    """Tell which candidates a request would get, in which order, which Route decides, and why the others were passed over.

    It is the workers' own decision on what is stored. What only they know is left out: who is left alone because it fails,
    and what strategies go by. Every enabled provider counts as one that could be built. Exit code 6: nobody serves it.
    """
    facts = GivenFacts(_headers(headers), task, tokens, frozenset(map(canonical, needs)), stream)
    namespace = session.namespace or DEFAULT_NAMESPACE
    with open_reader(session.location) as reader:
        found = explain(reader.state(), namespace, model, _BY_LABEL[endpoint], facts)
    if output == "text":
        click.echo("\n".join(_lines(found, model)))
    else:
        print_data(_json(found, model), output)
    return Unreachable.exit_code if found.error is not None else 0


def _headers(written: Iterable[str]) -> Mapping[bytes, str]:
    found: dict[bytes, str] = {}
    for each in written:
        name, colon, value = each.partition(":")
        if not colon or not name.strip():
            raise click.BadParameter(f'"{each}" is no header; write NAME:VALUE', param_hint="'--header'")
        key = name.strip().lower().encode()
        found[key] = f"{found[key]}, {value.strip()}" if key in found else value.strip()
    return found


def _lines(found: Explanation, asked: str | None) -> Iterator[str]:
    trace = found.trace
    yield _fact("Revision", found.revision)
    if found.namespace != DEFAULT_NAMESPACE:
        yield _fact(
            "Namespace", f"{found.namespace}; requests without a key are served in {DEFAULT_NAMESPACE}"
        )
    yield _fact("Asked", asked if asked is not None else "(no model)")
    yield _fact("Model", trace.model or "-")
    yield _fact("Route", f"{trace.route}, strategy {trace.strategy}" if trace.route else "none matches")
    if found.policy:
        yield _fact("Policy", "; ".join(found.policy))
    if found.error is not None:
        yield _fact("Answer", f"{found.error.status} {found.error.code}: {found.error.message}")
    if trace.order:
        yield ""
        yield table(_COLUMNS, [*enumerate(trace.order, 1)])
        if trace.strategy in _ALIVE and len(trace.order) > 1:
            yield ""
            yield _NOTES[trace.strategy]
    for title, pairs in (("Passed over:", trace.skipped), ("Routes that don't match:", trace.missed)):
        if pairs:
            yield ""
            yield title
            yield from (f"  {name}: {reason}" for name, reason in pairs)


def _json(found: Explanation, asked: str | None) -> JsonObject:
    trace, error = found.trace, found.error
    return {
        "revision": found.revision,
        "namespace": found.namespace,
        "asked": asked,
        "model": trace.model,
        "route": trace.route,
        "strategy": trace.strategy or None,
        "policy": [*found.policy],
        "candidates": [_candidate(each) for each in trace.order],
        "skipped": [{"target": name, "reason": reason} for name, reason in trace.skipped],
        "missed": [{"route": name, "reason": reason} for name, reason in trace.missed],
        "error": None
        if error is None
        else {"status": error.status, "code": error.code, "message": error.message},
    }


def _candidate(routed: RoutedCandidate) -> JsonObject:
    candidate = routed.candidate
    return {
        "provider": candidate.provider,
        "binding": candidate.binding or None,
        "upstreamModel": routed.upstream_model,
        "timeoutMilliseconds": round(candidate.timeouts.total * 1000),
    }


def _fact(name: str, value: object) -> str:
    return fact(name, value, 11)


_NOTES = {
    "weighted": "A worker spreads requests by weight; this is the order of its first one.",
    "least-busy": "A worker goes by the requests under way there; this is the order of its first one.",
    "lowest-latency": "A worker goes by the answers of late; this is the order of its first request.",
    "sticky": "Requests with the same value of the header get the same order in every worker.",
}
_COLUMNS = (
    Column[tuple[int, RoutedCandidate]]("TRY", lambda row: row[0]),
    Column[tuple[int, RoutedCandidate]]("PROVIDER", lambda row: row[1].candidate.provider),
    Column[tuple[int, RoutedCandidate]]("MODEL THERE", lambda row: row[1].upstream_model),
    Column[tuple[int, RoutedCandidate]]("BINDING", lambda row: row[1].candidate.binding or None),
    Column[tuple[int, RoutedCandidate]]("TIMEOUT", lambda row: f"{row[1].candidate.timeouts.total:g}s"),
)
