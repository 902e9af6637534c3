"""routerctl route explain"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import get_args

import click

from reconciler.bootstrap.explaining import client_named, explain
from reconciler.cli.output import DATA_FORMATS, output_option, print_data
from reconciler.cli.reading import records_of
from reconciler.cli.reported_output import reported_by_workers
from reconciler.cli.route_output import explanation_json, explanation_lines
from reconciler.cli.session import Session
from reconciler.errors import Unreachable
from reconciler.gateway.routing.facts import GivenFacts
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.resources.resource import DEFAULT_NAMESPACE
from reconciler.resources.route import Capability
from reconciler.snapshot.routes import canonical

_BY_LABEL = {row.label: row.endpoint for row in ENDPOINTS.values()}


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
@click.option("--client", metavar="NAME", help="The ClientKey whose key comes with it (default: none).")
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
    client: str | None,
    stream: bool,
    endpoint: str,
    output: str,
) -> int:
    """Tell which candidates a request would get, in which order, which Route decides, and why the others were passed over.

    It is the workers' own decision on what is stored; every enabled provider counts as one that could be built and is well.
    What live workers last reported of the candidates (left alone, unhealthy, full, in a slow start) is told after it, with its
    age; what strategies go by in each worker is not. Exit code 6: nobody serves it.
    """
    namespace = session.namespace or DEFAULT_NAMESPACE
    with records_of(session) as reader:
        state, guarded = reader.state(), reader.guarded()
    now = session.clock.now().timestamp()
    caller, refused = (None, None) if client is None else client_named(state, namespace, client, now)
    given = _headers(headers), task, tokens, frozenset(map(canonical, needs)), stream
    asked = GivenFacts(*given, client=caller)
    found = explain(state, namespace, model, _BY_LABEL[endpoint], asked, guarded=guarded)
    found = replace(found, refused=refused)
    said = reported_by_workers(session, found.trace.order)
    if output == "text":
        click.echo("\n".join(explanation_lines(found, model, said)))
    else:
        print_data(explanation_json(found, model, said), output)
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
