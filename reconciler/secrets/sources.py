"""Reads secrets from the environment and from files, as far as the process was told to allow.

What may be reached is fixed by flags, never by a manifest. Each refusal names the flag that would allow it.
"""

import os
from collections.abc import Mapping
from fnmatch import fnmatchcase

from reconciler.errors import NotTrusted, SecretError
from reconciler.secrets.files import NotRegularError, read_regular
from reconciler.secrets.value import SecretValue
from reconciler.settings import Reach

_OWN_PREFIX = "ROUTERCTL_"
_LARGEST_FILE = 64 * 1024
_LARGEST_CERTIFICATES = 1024 * 1024


def check_env(name: str, reach: Reach) -> None:
    """Raises NotTrusted where the process may not read the variable."""
    if name.upper().startswith(_OWN_PREFIX):
        raise NotTrusted(
            f"the variable {_shown(name)} is routerctl's own", hint="give the value under another name"
        )
    if not any(fnmatchcase(name, glob) for glob in reach.env_globs):
        raise NotTrusted(
            f"the variable {_shown(name)} is not among those that manifests may read",
            hint=f"start with --allow-env {_shown(name)}",
        )


def read_env(name: str, environ: Mapping[str, str], reach: Reach) -> SecretValue:
    """Raises SecretError; NotTrusted where the process may not read it."""
    check_env(name, reach)
    value = environ.get(name)
    if value is None:
        raise SecretError(f"the variable {_shown(name)} is not set", hint="set it where routerctl is started")
    if not value:
        raise SecretError(f"the variable {_shown(name)} is empty", hint="set it where routerctl is started")
    return SecretValue(value)


def read_file(path: str, reach: Reach) -> SecretValue:
    """The text of the file, without the line end behind it. The resolved path counts. Raises as `read_env` does."""
    text = _read(path, reach, f"the secret file {_shown(path)}", _LARGEST_FILE)
    value = text.removesuffix("\n").removesuffix("\r")
    if not value:
        raise SecretError(f"the secret file {_shown(path)} is empty", hint="write the value into it")
    return SecretValue(value)


def read_certificates(path: str, reach: Reach) -> str:
    """The text of a file that is no secret, within the same reach. Raises as `read_env` does."""
    return _read(path, reach, f"the file {_shown(path)}", _LARGEST_CERTIFICATES)


def _read(path: str, reach: Reach, file: str, largest: int) -> str:
    """`file` is how messages call it."""
    if not path.startswith("/") or "\0" in path:
        raise SecretError(f"{file} has no absolute path", hint="begin it with /")
    real = os.path.realpath(path)
    # asked before anything tells whether the file is there
    if not any(is_inside(real, os.path.realpath(folder)) for folder in reach.file_folders):
        raise NotTrusted(
            f"{file} is not in a folder that manifests may read",
            hint=f"start with --allow-file {_shown(os.path.dirname(real))}",  # noqa: PTH120  realpath above is os.path's
        )
    try:
        _, content = read_regular(real, limit=largest, follow=False)  # no link put in after it was resolved
    except NotRegularError:
        raise SecretError(f"{file} is no regular file") from None
    except OSError as exc:
        reason = (exc.strerror or "not readable").lower()
        raise SecretError(f"{file} can't be read: {reason}") from None
    if len(content) > largest:
        raise SecretError(f"{file} is larger than {largest // 1024} KiB")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise SecretError(f"{file} is not UTF-8 text") from None


def is_inside(path: str, folder: str) -> bool:
    """Of two real paths."""
    return os.path.commonpath((path, folder)) == folder


def _shown(name: str) -> str:
    return name if name.isprintable() else ascii(name)
