"""routerctl top"""

import sys
from datetime import UTC, datetime

import click

from reconciler.api.records import Observing
from reconciler.api.traffic import Traffic
from reconciler.cli.following import require_reader
from reconciler.cli.options import Duration
from reconciler.cli.output import output_option, print_data
from reconciler.cli.pauses import pauses
from reconciler.cli.reading import observing_of, traffic_of
from reconciler.cli.session import Session
from reconciler.cli.top_output import BY, Moment, as_json, lines
from reconciler.store.traffic_query import SoughtRequests

_CLEAR = "\x1b[H\x1b[2J\x1b[3J"


@click.command(epilog="Example: routerctl top --window 5m")
@click.option("--once", is_flag=True, help="Show it once, and end.")
@click.option(
    "--interval",
    metavar="DURATION",
    type=Duration(),
    default="2s",
    show_default=True,
    help="How often it is shown anew.",
)
@click.option(
    "--window",
    metavar="DURATION",
    type=Duration(),
    default="60s",
    show_default=True,
    help="Over which time rates and percentiles are taken.",
)
@output_option(formats="table|json|yaml|jsonpath=EXPRESSION")
@click.pass_obj
def command(session: Session, interval: float, window: float, output: str, *, once: bool) -> None:
    """Show what is served right now: rates, failures, durations and tokens by model and provider, until Ctrl-C.

    It reads the records of requests, which come within a second after a request has ended, and the workers' own
    numbers. Where the output is no terminal, one table comes after the other.
    """
    traffic = traffic_of(session)
    live = sys.stdout.isatty() and output == "table" and not once
    with observing_of(session) as observing:
        for number, _ in enumerate(pauses(session.clock, interval, check=require_reader)):
            moment = _moment(session, traffic, observing, window)
            if output != "table":
                print_data(as_json(moment), output)
            else:
                if number and not live:
                    click.echo()
                click.echo((_CLEAR if live else "") + "\n".join(lines(moment)))
            if once:
                return


def _moment(session: Session, traffic: Traffic, observing: Observing, window: float) -> Moment:
    seen = observing.seen()
    now = datetime.fromtimestamp(seen.now, UTC)
    since = SoughtRequests(namespace=session.namespace, since=int((now.timestamp() - window) * 1000))
    return Moment(now, window, traffic.groups(BY, since), seen.workers)
