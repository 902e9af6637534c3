"""Files of other systems, as bytes: small ones, never waited for, never changed."""

from collections.abc import Callable, Iterator
from pathlib import Path

from reconciler.control.importing.detecting import is_env_name
from reconciler.control.manifest.foreign_yaml import read_foreign
from reconciler.errors import InvalidInput, RouterctlError
from reconciler.json_types import JsonObject
from reconciler.secrets.files import NotRegularError, read_regular

YAML = (".yaml", ".yml")
TOML = ".toml"
_DATABASES = (".db", ".sqlite", ".sqlite3")
_FOLDERS = (
    *("", "config", "data"),
    *(
        f"{above}{name}"
        for above in ("", "backend/")
        for name in ("provider-router", "provider-router/data", "qwen-proxy", "api-server")
    ),
)
"""Where the systems that are known keep it, below the folder that somebody names."""
_LARGEST = 1024 * 1024


def including(folder: Path) -> Callable[[str], JsonObject | None]:
    """Files below the folder alone."""
    root = folder.resolve()

    def include(name: str) -> JsonObject | None:
        try:
            path = (root / name).resolve()
            return read_foreign(content_of(path), name) if path.is_relative_to(root) else None
        except (RouterctlError, OSError, ValueError):
            return None

    return include


def candidates(folder: Path) -> Iterator[Path]:
    """Of a folder, and of config/ and data/ below it. Databases first: where there is one, its program goes by that."""
    named: list[Path] = []
    for below in _FOLDERS:
        try:
            names = sorted(each for each in (folder / below).iterdir() if each.is_file())
        except OSError:
            continue
        named += [path for path in names if _may_be_one(path)]
    yield from sorted(named, key=lambda path: path.suffix not in _DATABASES)


def _may_be_one(path: Path) -> bool:
    named_env = is_env_name(path.name) and not path.name.endswith(".example")
    return named_env or path.suffix in (*_DATABASES, *YAML, TOML)


def content_of(path: Path) -> bytes:
    try:
        content = read_regular(path, limit=_LARGEST, follow=True)[1]
    except NotRegularError:
        raise InvalidInput(f"{path} is no regular file") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise InvalidInput(f"{path} can't be read: {(reason or 'not a usable path').lower()}") from None
    if len(content) > _LARGEST:
        raise InvalidInput(f"{path} is larger than {_LARGEST // 1024} KiB")
    return content
