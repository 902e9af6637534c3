"""routerctl sync"""

from typing import Unpack

import click

from reconciler.bootstrap.sync import SyncSettings, run
from reconciler.cli.git_options import GitTold, following, git_option, git_options
from reconciler.cli.options import overlay_option, source_option
from reconciler.cli.prune_options import prune_options
from reconciler.cli.serving_options import HostPort
from reconciler.cli.session import Session
from reconciler.control.proposal import Guards


@click.command(
    epilog="Example: routerctl sync --git https://github.com/acme/routing --branch main --path manifests --prune"
)
@git_option(required=True)
@git_options
@overlay_option("A folder of the repository with a kustomization.yaml, instead of --path")
@prune_options
@source_option
@click.option("--once", is_flag=True, help="Fetch and apply once, and end.")
@click.option(
    "--admin-listen",
    metavar="HOST:PORT",
    type=HostPort(),
    help="Serve /status, /metrics and /hooks/git here. [default: nowhere]",
)
@click.option(
    "--allow-host",
    metavar="NAME",
    multiple=True,
    help="Answer to this host name as well. May be given again.",
)
@click.pass_obj
def command(
    session: Session,
    git: str,
    overlay: str | None,
    source: str | None,
    admin_listen: str | None,
    allow_host: tuple[str, ...],
    *,
    prune: bool,
    guards: Guards,
    once: bool,
    **told: Unpack[GitTold],
) -> int:
    """Follow a branch of a git repository: each commit becomes one revision that names it.

    A commit that can't be applied changes nothing: the one before it is kept, and the status says why. What people
    changed by hand, of what the commit declares, is taken back, with a word on who did it; another source's fields are a
    conflict. What a rollback holds stays until the manifest changes, or "routerctl resume SOURCE". Ctrl-C ends it when
    what is under way has finished; a second one ends it at once.
    """
    if told["webhook_secret_file"] is not None and admin_listen is None:
        raise click.UsageError(
            "--webhook-secret-file needs --admin-listen HOST:PORT, where the webhook comes"
        )
    if once and admin_listen is not None:
        raise click.UsageError("--once ends at once, and listens nowhere: leave --admin-listen out")
    settings = SyncSettings(
        session.location,
        following(git, told, source=source, prune=prune, guards=guards, repeats=not once, overlay=overlay),
        session.environ,
        once=once,
        admin_listen=admin_listen,
        hosts=allow_host,
    )
    return run(settings)
