"""routerctl serve"""

from pathlib import Path
from typing import Unpack

import click

from reconciler.bootstrap.supervisor import run
from reconciler.cli.legacy_options import in_legacy_mode, legacy_option
from reconciler.cli.serving_options import Told, serving_options, serving_settings
from reconciler.cli.session import Session


@click.command(
    epilog="Example: routerctl serve --listen 0.0.0.0:8484 --workers 4 --allow-host llm.example.com"
)
@legacy_option
@serving_options
@click.pass_obj
def command(session: Session, legacy: Path | None, **told: Unpack[Told]) -> int:
    """Serve what is stored, and every revision that is committed from now on.

    Makes an empty store where there is none, so that it may come before the first apply. Ctrl-C ends it when
    what is under way has finished; a second one ends it at once. SIGHUP replaces the workers, as reload does.
    """
    return run(in_legacy_mode(session, serving_settings(session, told), legacy))
