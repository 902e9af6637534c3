"""routerctl up"""

from dataclasses import replace
from typing import Unpack

import click

from reconciler.bootstrap.supervisor import run
from reconciler.cli.options import filename_option, prune_option, source_option
from reconciler.cli.serving_options import Duration, Told, serving_options, serving_settings
from reconciler.cli.session import Session

DEFAULT_PATH = "manifests"
DEFAULT_RESYNC_SECONDS = 30.0


@click.command(epilog="Example: routerctl up -f manifests/ --watch --workers 4")
@filename_option(required=False)
@click.option("--watch", is_flag=True, help="Apply edits as they are made, and heal drift.")
@click.option(
    "--resync",
    metavar="DURATION",
    type=Duration(),
    help="With --watch: how often everything is compared, edited or not. [default: 30s]",
)
@prune_option
@source_option
@serving_options
@click.pass_obj
def command(
    session: Session,
    paths: tuple[str, ...],
    resync: float | None,
    source: str | None,
    *,
    watch: bool,
    prune: bool,
    **told: Unpack[Told],
) -> int:
    """Serve, and make the store equal to the manifests first (-f, else the folder manifests/).

    Manifests that can't be applied change nothing: they are reported, and what is stored is served. Where nothing is
    stored yet, they end the command. Ctrl-C ends it when what is under way has finished; a second one ends it at once.
    """
    if "-" in paths:
        raise click.UsageError("up reads files and folders; for stdin use apply -f - and serve")
    if resync is not None and not watch:
        raise click.UsageError("--resync needs --watch")
    settings = replace(
        serving_settings(session, told),
        paths=paths or (DEFAULT_PATH,),
        watch=watch,
        prune=prune,
        source=source,
        resync_seconds=resync or DEFAULT_RESYNC_SECONDS,
    )
    return run(settings)
