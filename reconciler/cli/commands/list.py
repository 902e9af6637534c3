"""routerctl list"""

import click

from reconciler.cli.listing_options import sought_options
from reconciler.cli.output import output_option
from reconciler.cli.provider_listing import Sought, list_providers
from reconciler.cli.session import Session


@click.command(epilog="Example: routerctl list --enabled")
@sought_options
@output_option()
@click.pass_obj
def command(session: Session, sought: Sought, output: str) -> None:
    """List Providers, those of higher priority first: * marks the active one.

    HEALTH is that of a request that goes there now: healthy, unhealthy (a live worker leaves it alone, or its probe is
    bad), not ready (no live worker built it), disabled, or unknown, where nothing serves. -o wide says why not.
    """
    list_providers(session, sought, output)
