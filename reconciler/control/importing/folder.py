"""What to write into a folder of imported manifests: nothing over a file that is not an earlier import's.

`.routerctl-import.json` there remembers what was written, as digests: who imports again replaces just that.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from reconciler.control.manifest.round_trip.folder import FileChange, FolderPlan
from reconciler.errors import Refused

INDEX = ".routerctl-import.json"
_SHOWN = 10


def recorded(index: bytes | None) -> dict[str, str]:
    """Path → digest of what an import wrote; nothing where the index is not one."""
    try:
        data = json.loads(index or b"{}")
    except ValueError:
        return {}
    files = data.get("files") if isinstance(data, dict) else None
    items = files.items() if isinstance(files, dict) else ()
    return {name: digest for name, digest in items if isinstance(digest, str) and _is_below(name)}


def _is_below(name: str) -> bool:
    path = Path(name)
    return not path.is_absolute() and ".." not in path.parts


def plan_files(
    folder: Path, present: Mapping[str, bytes], wanted: Mapping[str, bytes], *, force: bool = False
) -> tuple[FolderPlan, tuple[str, ...]]:
    """`present`: what is there of `wanted`, of what is recorded, and the index.

    Also the files of an earlier import that people changed since, and that no source stands for any more: they stay.
    Raises Refused where a file would be written over that is somebody else's, or that people changed, unless with `force`.
    """
    known = recorded(present.get(INDEX))
    foreign = [
        name
        for name, content in wanted.items()
        if name in present and present[name] != content and known.get(name) != _digest(present[name])
    ]
    if foreign and not force:
        more = f" and {len(foreign) - _SHOWN} more" if len(foreign) > _SHOWN else ""
        raise Refused(
            f"{folder} holds files that no import wrote, or that were changed since: {', '.join(foreign[:_SHOWN])}{more}",
            hint="give another folder with --out, or move them away; nothing was written",
        )
    gone = [name for name in known if name not in wanted and name in present]
    ours = [name for name in gone if _digest(present[name]) == known[name]]
    whole = {**wanted, INDEX: _index(wanted)}
    changes = [
        FileChange(name, present.get(name), content)
        for name, content in whole.items()
        if present.get(name) != content
    ]
    changes += [FileChange(name, present[name], None) for name in ours]
    unchanged = tuple(name for name, content in wanted.items() if present.get(name) == content)
    return FolderPlan(folder, tuple(changes), unchanged, ()), tuple(name for name in gone if name not in ours)


def _index(wanted: Mapping[str, bytes]) -> bytes:
    digests = {name: _digest(content) for name, content in sorted(wanted.items())}
    return (json.dumps({"files": digests}, indent=1) + "\n").encode()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
