"""routerctl up"""

from dataclasses import replace
from pathlib import Path
from typing import Unpack

import click

from reconciler.bootstrap.supervisor import run
from reconciler.cli.git_options import GitTold, flags_given, following, git_option, git_options
from reconciler.cli.legacy_options import in_legacy_mode, legacy_option
from reconciler.cli.options import Duration, filename_option, source_option
from reconciler.cli.prune_options import prune_options
from reconciler.cli.serving_options import Told, serving_options, serving_settings
from reconciler.cli.session import Session
from reconciler.control.kustomize.overlay import Overlay
from reconciler.control.manifest.files import is_stream
from reconciler.control.proposal import Guards

DEFAULT_PATH = "manifests"
DEFAULT_RESYNC_SECONDS = 30.0


class _Told(Told, GitTold):
    """The values of the shared options."""


@click.command(epilog="Example: routerctl up -f manifests/ --watch --workers 4")
@git_option(required=False)
@git_options
@filename_option(required=False, stdin=False)
@click.option("--watch", is_flag=True, help="Apply edits as they are made, and heal drift.")
@click.option(
    "--resync",
    metavar="DURATION",
    type=Duration(),
    help="With --watch: how often everything is compared, edited or not. [default: 30s]",
)
@prune_options
@source_option
@legacy_option
@serving_options
@click.pass_obj
def command(
    session: Session,
    paths: tuple[str, ...],
    git: str | None,
    resync: float | None,
    source: str | None,
    legacy: Path | None,
    *,
    watch: bool,
    prune: bool,
    guards: Guards,
    **told: Unpack[_Told],
) -> int:
    """Serve, and make the store equal to the manifests first (-f, else the folder manifests/).

    Manifests that can't be applied change nothing: they are reported, and what is stored is served. Where nothing is
    stored yet, they end the command. With --git they are those of a branch, which is followed as sync does, and -k
    names a folder in it. What somebody changed by hand is left, and reported; with --git it is taken back. Ctrl-C ends it
    when what is under way has finished; a second one ends it at once. SIGHUP replaces the workers, as reload does.
    """
    if any(is_stream(path) for path in paths):
        raise click.UsageError("up reads files and folders; for stdin use apply -f - and serve")
    if legacy is not None and (paths or git is not None):
        raise click.UsageError("--legacy serves that file alone: no -f, -k or --git beside it")
    if git is None and resync is not None and not watch:
        raise click.UsageError("--resync needs --watch")
    if git is not None:
        overlay = next((path for path in paths if isinstance(path, Overlay)), None)
        if (paths and overlay is None) or watch or resync is not None:
            raise click.UsageError(
                "--git follows a branch: it takes --path or -k, and --interval, no -f, --watch or --resync"
            )
        followed = following(git, told, source=source, prune=prune, guards=guards, overlay=overlay)
        return run(replace(serving_settings(session, told), following=followed))
    if given := flags_given(told):
        raise click.UsageError(f"{', '.join(given)} needs --git URL|PATH")
    settings = serving_settings(session, told)
    if not paths and (legacy is not None or not Path(DEFAULT_PATH).exists()):
        served = in_legacy_mode(session, settings, legacy)
        if served.legacy:
            return run(served)
    settings = replace(
        settings,
        paths=paths or (DEFAULT_PATH,),
        watch=watch,
        prune=prune,
        guards=guards,
        source=source,
        resync_seconds=resync or DEFAULT_RESYNC_SECONDS,
    )
    return run(settings)
