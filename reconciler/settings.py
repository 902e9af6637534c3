"""Settings of a process: where the store is, which key opens it, what manifests may reach. Never a resource.

The environment is read here and nowhere else; everybody else is given what they need.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

DB = "ROUTERCTL_DB"
SERVER = "ROUTERCTL_SERVER"
TOKEN = "ROUTERCTL_TOKEN"  # noqa: S105  the name of a variable
TOKEN_FILE = "ROUTERCTL_TOKEN_FILE"  # noqa: S105  as above
KEY = "ROUTERCTL_ENCRYPTION_KEY"
KEY_FILE = "ROUTERCTL_ENCRYPTION_KEY_FILE"
KEY_COMMAND = "ROUTERCTL_ENCRYPTION_KEY_COMMAND"
COMPILED = "ROUTERCTL_COMPILED"
ALLOW_EXEC = "ROUTERCTL_ALLOW_EXEC"
COMPLETE = "_ROUTERCTL_COMPLETE"
"""Set by the scripts of shells that complete a line: the process answers that, and does nothing else."""

DEFAULT_LISTEN = "127.0.0.1:8484"
DEFAULT_ADMIN_LISTEN = "127.0.0.1:8485"


def environment() -> Mapping[str, str]:
    """The process's environment, as it is now."""
    return os.environ


def state_folder(environ: Mapping[str, str]) -> Path:
    """The user's state folder for routerctl (XDG Base Directory Specification)."""
    base = environ.get("XDG_STATE_HOME", "")
    root = (
        Path(base)
        if base.startswith("/")
        else Path(environ.get("HOME", "~")).expanduser() / ".local" / "state"
    )
    return root / "routerctl"


def store_url(environ: Mapping[str, str], given: str | None = None) -> str:
    """`--db`, else ROUTERCTL_DB, else a SQLite file in the user's state folder."""
    return given or environ.get(DB) or f"sqlite:///{state_folder(environ) / 'routerctl.db'}"


def key_file_beside(config_path: Path) -> Path:
    """Where a store's key is looked for when the environment names none."""
    return config_path.with_suffix(".key")


def key_place(environ: Mapping[str, str], config_path: Path) -> str:
    """Where a store's key is looked for, for people: the place that counts, be it there or not."""
    if KEY in environ:
        return f"the environment variable {KEY}"
    if KEY_FILE not in environ and KEY_COMMAND in environ:
        return f"the output of the program that {KEY_COMMAND} names"
    return f"the file {environ.get(KEY_FILE) or key_file_beside(config_path)}"


def key_file(environ: Mapping[str, str], config_path: Path) -> Path | None:
    """The file that the key is in or would be; None where the environment or a program gives it."""
    if KEY in environ or (KEY_FILE not in environ and KEY_COMMAND in environ):
        return None
    return Path(environ[KEY_FILE]) if environ.get(KEY_FILE) else key_file_beside(config_path)


def takes_compiled(environ: Mapping[str, str]) -> bool:
    """Whether workers run the compiled form of the hot modules where there is one; the word `no` says that they don't."""
    return environ.get(COMPILED) != "no"


def collects_traces(environ: Mapping[str, str]) -> bool:
    """Whether OpenTelemetry's own variables name somebody who collects traces."""
    if (
        environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
        or environ.get("OTEL_TRACES_EXPORTER") == "none"
    ):
        return False
    return bool(
        environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    )


def traces_protocol(environ: Mapping[str, str]) -> str:
    """How they are to travel."""
    general = environ.get("OTEL_EXPORTER_OTLP_PROTOCOL") or "http/protobuf"
    return environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or general


@dataclass(frozen=True, slots=True)
class Reach:
    """What manifests may name (`--allow-env`, `--allow-file`, `--allow-exec`, `--allow-dir`): globs of variables, folders of
    files, programs that may be run, and the folders that they may work in.
    """

    env_globs: tuple[str, ...] = ("*_API_KEY", "*_TOKEN")
    file_folders: tuple[str, ...] = ()
    executables: tuple[str, ...] = ()
    work_folders: tuple[str, ...] = ()

    @classmethod
    def of(cls, state: Path, env: tuple[str, ...] = (), files: tuple[str, ...] = ()) -> "Reach":
        """The defaults, and what the flags add to them."""
        return cls((*cls().env_globs, *env), ("/run/secrets", str(state / "secrets"), *files))

    def running(
        self, environ: Mapping[str, str], executables: tuple[str, ...], folders: tuple[str, ...]
    ) -> "Reach":
        """With the programs of `--allow-exec` and of ROUTERCTL_ALLOW_EXEC, which parts them as PATH does."""
        listed = filter(None, environ.get(ALLOW_EXEC, "").split(os.pathsep))
        return replace(
            self,
            executables=tuple(map(os.path.abspath, (*executables, *listed))),
            work_folders=tuple(map(os.path.abspath, folders)),
        )
