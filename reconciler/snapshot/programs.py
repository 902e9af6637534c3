"""A provider's program, as it may be run: found, resolved and asked for permission, when it is built and at each start.

What may be run, and where, is fixed by the process. Where links lead is what counts, and what is run, so that a link that is
laid anew names another program, which needs a permission of its own.
"""

import os
import shutil
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.errors import InvalidInput, NotTrusted
from reconciler.field_values import milliseconds
from reconciler.json_types import JsonObject
from reconciler.provider_types.cli_config import CliConfig, arguments, takes_prompt
from reconciler.secrets.sources import check_env, is_inside
from reconciler.settings import Reach

ALWAYS = ("PATH", "HOME", "LANG")
"""The variables of the gateway that every program gets."""
_OWN = {"NO_COLOR": "1", "TERM": "dumb"}
"""Nobody looks at a terminal."""


@dataclass(frozen=True, slots=True)
class Start:
    """One run, ready to be made. `path` is what is run, `folder` where; None: in an empty one of its own."""

    path: str
    argv: tuple[str, ...]
    folder: str | None


@dataclass(frozen=True, slots=True)
class Program:
    """`environment` is all that it gets; `masked` are the values in it that nobody is to read. Seconds."""

    executable: str
    args: tuple[str, ...]
    folder: str | None
    reach: Reach
    environment: Mapping[str, str] = field(repr=False)
    masked: tuple[str, ...] = field(repr=False, default=())
    run_timeout: float = 600.0
    max_output: int = 16 * 1024 * 1024

    @property
    def by_stdin(self) -> bool:
        return not takes_prompt(self.args)

    def start(self, model: str, prompt: str) -> Start:
        """Asks the file system each time. Raises InvalidInput, NotTrusted."""
        found, path = locate(self.executable, self.environment.get("PATH"), self.reach)
        folder = None if self.folder is None else resolve_folder(self.folder, self.reach)
        return Start(path, (found, *arguments(self.args, model, prompt)), folder)


def program_of(config: JsonObject, reach: Reach, environ: Mapping[str, str]) -> Program:
    """Of a provider of type cli. Raises InvalidInput, NotTrusted."""
    if not hasattr(os, "pidfd_open"):
        raise InvalidInput(f"providers of type cli need Linux 5.3 or newer, and this is {sys.platform}")
    checked = CliConfig.model_validate(config)
    for name in checked.environment:
        if name not in ALWAYS:
            check_env(name, reach)
    own = {name: environ[name] for name in checked.environment if name in environ and name not in ALWAYS}
    given = {name: environ[name] for name in ALWAYS if name in environ}
    program = Program(
        checked.executable,
        tuple(checked.args),
        checked.workingDirectory,
        reach,
        {**_OWN, **given, **own},
        tuple(own.values()),
        milliseconds(checked.runTimeout) / 1000,
        checked.maxOutputBytes,
    )
    program.start("", "")
    return program


def built_from(program: Program) -> Mapping[str, str]:
    """What of it is not in its config."""
    return {f"environment.{name}": value for name, value in program.environment.items()}


def locate(executable: str, path: str | None, reach: Reach) -> tuple[str, str]:
    """(where it was found, where that leads). Raises InvalidInput, NotTrusted."""
    if "/" in executable:
        found = executable
    else:
        named = shutil.which(executable, path=path or os.defpath)
        if named is None:
            raise InvalidInput(
                f"there is no program {_shown(executable)} in PATH",
                hint="install it where the gateway runs, or write its absolute path",
            )
        found = os.path.abspath(named)  # noqa: PTH100  realpath below is os.path's, and this keeps links
    real = os.path.realpath(found)
    # asked before anything tells whether the file is there
    if real not in map(os.path.realpath, reach.executables):
        raise NotTrusted(
            f"the program {_shown(found)} is not among those that manifests may run",
            hint=f"start with --allow-exec {_shown(real)}",
        )
    try:
        mode = Path(real).stat().st_mode
    except OSError as error:
        reason = (error.strerror or "it can't be looked at").lower()
        raise InvalidInput(f"the program {_shown(found)} can't be run: {reason}") from None
    if not stat.S_ISREG(mode) or not os.access(real, os.X_OK):
        raise InvalidInput(
            f"the program {_shown(found)} can't be run: it is no executable file", hint="chmod +x it"
        )
    return found, real


def resolve_folder(folder: str, reach: Reach) -> str:
    """Raises InvalidInput, NotTrusted."""
    real = os.path.realpath(folder)
    if not any(is_inside(real, os.path.realpath(allowed)) for allowed in reach.work_folders):
        raise NotTrusted(
            f"the working directory {_shown(folder)} is not in a folder that programs may work in",
            hint=f"start with --allow-dir {_shown(real)}",
        )
    if not Path(real).is_dir():
        raise InvalidInput(f"the working directory {_shown(folder)} is no folder", hint="make it")
    return real


def _shown(path: str) -> str:
    return path if path.isprintable() else ascii(path)
