"""--legacy of `up` and `serve`."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import click

from reconciler.bootstrap.legacy import FLAG, IGNORED, Asked, legacy_mode
from reconciler.bootstrap.supervisor import SupervisorSettings
from reconciler.cli.intaking import note
from reconciler.cli.session import Session

F = TypeVar("F", bound=Callable[..., object])


def legacy_option(command: F) -> F:
    """Gives the command the keyword `legacy`."""
    return click.option(
        "--legacy",
        metavar="PATH",
        type=click.Path(path_type=Path),
        help="With an empty store: serve what this .env or YAML file of another router says, until it is migrated. "
        f"Also {FLAG}=true, for the file here.",
    )(command)


def in_legacy_mode(session: Session, settings: SupervisorSettings, given: Path | None) -> SupervisorSettings:
    """The settings as they are, or with the files of legacy mode."""
    mode = legacy_mode(Asked(session.location, session.environ, given, Path.cwd()))
    if mode.ignored:
        note(f"warning: {IGNORED}")
    if mode.found:
        note(
            f"found here: {', '.join(mode.found)}. routerctl migrate brings it over; --legacy . serves it as it is"
        )
    if not mode.paths:
        return settings
    return replace(settings, paths=mode.paths, watch=True, legacy=True)
