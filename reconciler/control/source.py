"""Which configuration root manifests come from: its name, its git commit, and where files stand in it.

A Source is named by, in this order: `--source`; `source:` in the nearest routerctl.yaml upward; the repository's
remote, normalised; the real path of the repository's top; the real path of the folder given.

Its files are known by their paths in the root that bears its name. `--source` may name a source for other roots, and
several, one command after the other: there a path begins with what tells the roots apart, the remote behind `//` or
else `/` and the real path. So no file is taken for another root's, and no prune reaches what it did not read.
"""

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reconciler.control.manifest.reader import read_mapping
from reconciler.errors import InvalidInput
from reconciler.resources.resource import source_manager
from reconciler.settings import environment

SETTINGS_FILE = "routerctl.yaml"
_HOST = r"(?P<host>\[[^\]/]+\]|[^:/@\[\]]+)"
_PATH = r"/*(?P<path>[^/].*?)(?:\.git)?/*"
_URL = re.compile(rf"[a-z][a-z0-9+.-]*://(?:[^/]*@)?{_HOST}(?::\d*)?/{_PATH}", re.IGNORECASE)
_SCP = re.compile(rf"(?:[^@/:]*@)?{_HOST}:(?!//){_PATH}")
"""user@host:path, which git takes beside URLs."""
_GIT_TIMEOUT_SECONDS = 30
_ANOTHER_REPOSITORY = frozenset(
    {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX"}
)
"""Set in hooks; they would name the hook's repository, not that of the folder."""


@dataclass(frozen=True, slots=True)
class Source:
    """`root` is the real path that file paths are relative to. `commit` and `dirty` are git's, None outside of it.

    `prefix` is what paths begin with where the source has a name that is not its root's own: `/`, `/TOP/` or `//REMOTE/`.

    `path_name` is the name that it would have by its place alone: when a root gains a better name, what was stored
    under its path is renamed.
    """

    name: str
    root: Path
    commit: str | None = None
    dirty: bool = False
    path_name: str | None = None
    prefix: str = ""

    @property
    def manager(self) -> str:
        return source_manager(self.name)

    def relative(self, file: str) -> str:
        """`file` relative to the root, "" for the root itself; its name alone where it stands outside."""
        real = Path(file).resolve()
        if real == self.root:
            return self.prefix[:-1]
        inside = real.is_relative_to(self.root)
        return self.prefix + (real.relative_to(self.root).as_posix() if inside else real.name)


def identify(
    paths: Sequence[str], *, explicit: str | None = None, known: Sequence[str] = ()
) -> Source | None:
    """The source of the files below `paths`; None for stdin without a name.

    `known` are the names of sources in the store: a path below the root of a path-named one belongs to it.
    Raises InvalidInput where the paths have different sources, or one source and different roots.
    """
    places = [Path(path).resolve() for path in paths if path != "-"]
    if not places:
        return Source(explicit, Path.cwd()) if explicit else None
    found = [_identify_one(place, explicit, known) for place in places]
    if len({source.name for source in found}) > 1:
        names = ", ".join(sorted({source.name for source in found}))
        raise InvalidInput(
            f"the paths given belong to different sources: {names}",
            hint="apply them one by one, or give --source NAME",
        )
    roots = {(source.root, source.prefix) for source in found}
    if len(roots) > 1:
        named = ", ".join(sorted(str(root) for root, _ in roots))
        raise InvalidInput(
            f"the paths given belong to different roots of the source {found[0].name}: {named}",
            hint="apply them one by one, a command for each root",
        )
    dirty = any(source.dirty for source in found)
    return replace(min(found, key=lambda source: source.path_name or ""), dirty=dirty)


def _identify_one(place: Path, explicit: str | None, known: Sequence[str]) -> Source:
    folder = place if place.is_dir() else place.parent
    top = _repository_top(folder)
    settings = _settings_above(folder)
    commit, dirty = _checkout(folder, top)
    remote = _remote_name(folder) if top else None
    root = Path(top) if top else _known_root(folder, known) or folder
    own = Source(remote or str(root), root, commit, dirty, str(root))
    if settings is not None:
        within = root.is_relative_to(settings[0])
        own = Source(settings[1], settings[0], commit, dirty, own.path_name if within else None)
    return own if explicit is None else _named(explicit, own, folder, (top, remote))


def _named(name: str, own: Source, folder: Path, repository: tuple[str | None, str | None]) -> Source:
    """The source that `--source` names for a root whose own name may be another. It renames nothing."""
    if name == own.name:
        return replace(own, path_name=None)
    given = replace(own, name=name, path_name=None)
    if name.startswith("/") and folder.is_relative_to(name):
        return replace(given, root=Path(name))
    top, remote = repository
    if top is not None:
        return replace(given, root=Path(top), prefix=f"//{remote}/" if remote else f"{top.rstrip('/')}/")
    return replace(given, root=Path(folder.anchor), prefix="/")


def _repository_top(folder: Path) -> str | None:
    """Of the repository that holds the folder. One that git ignores is in no commit, so it belongs to none."""
    ignored = _git(folder, "check-ignore", ".") is not None
    return None if ignored else _git(folder, "rev-parse", "--show-toplevel")


def _remote_name(folder: Path) -> str | None:
    """Of `origin`, or of the only remote."""
    remotes = (_git(folder, "remote") or "").split()
    if "origin" not in remotes and len(remotes) != 1:
        return None
    remote = "origin" if "origin" in remotes else remotes[0]
    url = _git(folder, "config", "--get", f"remote.{remote}.url")
    return normalised_remote(url) if url else None


def _settings_above(folder: Path) -> tuple[Path, str] | None:
    """The nearest settings' folder, and the name that they give; None where they give none."""
    for candidate in (folder, *folder.parents):
        file = candidate / SETTINGS_FILE
        if file.is_file():
            name = read_mapping(file).get("source")
            return (candidate, name) if isinstance(name, str) and name else None
    return None


def _known_root(folder: Path, known: Sequence[str]) -> Path | None:
    roots = [Path(name) for name in known if name.startswith("/")]
    above = [root for root in roots if folder.is_relative_to(root)]
    return max(above, key=lambda root: len(root.parts)) if above else None


def _checkout(folder: Path, top: str | None) -> tuple[str | None, bool]:
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "HEAD") if top else None
    if commit is None:
        return None, False
    return commit, bool(_git(folder, "status", "--porcelain", "--untracked-files=normal", "--", "."))


def normalised_remote(url: str) -> str | None:
    """github.com/acme/routing for every spelling of that remote: no scheme, user, port or .git."""
    url = url.strip()
    if url.lower().startswith("file:"):
        return None
    matched = _URL.fullmatch(url) or _SCP.fullmatch(url)
    return f"{matched['host'].lower()}/{matched['path']}" if matched is not None else None


def _environment_of_git() -> Mapping[str, str]:
    """Git starts what its configuration names, and none of that has to do with our keys."""
    return {
        name: value
        for name, value in environment().items()
        if name not in _ANOTHER_REPOSITORY and not name.startswith("ROUTERCTL_")
    }


def _git(folder: Path, *arguments: str) -> str | None:
    """Git's answer; None where there is no git, no repository, or no answer."""
    try:
        answer = subprocess.run(
            ["git", "-c", "core.fsmonitor=false", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            timeout=_GIT_TIMEOUT_SECONDS,
            check=False,
            env=_environment_of_git(),
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() or None if answer.returncode == 0 else None
