"""Which file a resource goes to that has none: by its kind and name, or where the store says that it stood."""

import hashlib
import re
from collections.abc import Collection
from pathlib import PurePosixPath

from reconciler.control.manifest.files import NOT_MANIFESTS, SUFFIXES
from reconciler.resources.kinds import KINDS
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey

_ODD = re.compile(r"[^A-Za-z0-9._-]|^[.-]")
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
"""Names that some systems keep for themselves, with any ending."""
_LONGEST = 200
_DIGEST = 8


def file_of(key: ResourceKey, taken: Collection[str], folder: PurePosixPath | None = None) -> PurePosixPath:
    """A path below the root of the manifests, `providers/openai.yaml` or `team-a/providers/openai.yaml`; in `folder`, if
    one is given. `taken`: paths in use, in lower case: some file systems take `A` and `a` for one name.
    """
    if folder is None:
        folder = PurePosixPath(KINDS[key.kind].plural)
        if key.namespace != DEFAULT_NAMESPACE:
            folder = PurePosixPath(_safe(key.namespace, key)) / folder
    name = _safe(key.name, key)
    for candidate in (name, f"{name}-{key.kind.lower()}", _digested(name, key)):
        path = folder / f"{candidate}.yaml"
        if path.name not in NOT_MANIFESTS and path.as_posix().lower() not in taken:
            return path
    return folder / f"{_digested(name, key)}.yaml"


def is_usable(path: PurePosixPath) -> bool:
    """Whether a path that the store recorded names what is read as a manifest in a folder."""
    return (
        not path.is_absolute()
        and path.suffix in SUFFIXES
        and path.name not in NOT_MANIFESTS
        and not any(part.startswith(".") for part in path.parts)
    )


def _safe(name: str, key: ResourceKey) -> str:
    plain = _ODD.sub("_", name)[:_LONGEST]
    return plain if plain == name and not _DEVICES.fullmatch(name) else _digested(plain, key)


def _digested(name: str, key: ResourceKey) -> str:
    digest = hashlib.sha256("\0".join(key).encode()).hexdigest()
    return name if name.endswith(digest[:_DIGEST]) else f"{name}-{digest[:_DIGEST]}"
