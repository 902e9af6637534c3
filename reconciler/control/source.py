"""Which configuration root manifests come from: its name, its git commit, and where files stand in it.

A Source is named by, in this order: `--source`; `source:` in the nearest routerctl.yaml upward; the repository's
remote, normalised; the real path of the repository's top; the real path of the folder given.

Its files are known by their paths in the root that bears its name. `--source` may name a source for other roots, and
several, one command after the other: there a path begins with what tells the roots apart, the remote behind `//` or
else `/` and the real path. So no file is taken for another root's, and no prune reaches what it did not read.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from os import sep
from os.path import realpath
from pathlib import Path

from reconciler.control.manifest.document import Document, InvalidManifests, Problem, field_path, quoted
from reconciler.control.manifest.files import STDIN, STDIN_NAME, is_stream
from reconciler.control.manifest.reader import read_mapping
from reconciler.control.manifest.suggestions import suggestion
from reconciler.control.working_tree import Checkout, answer, look
from reconciler.errors import InvalidInput
from reconciler.resources.resource import source_manager

SETTINGS_FILE = "routerctl.yaml"
LEGACY_SOURCE = "legacy-config"
"""Whose the resources are that legacy mode put into the store."""
_SETTINGS = ("source",)
_VOLUME = ".."
"""How Kubernetes begins the names of the folders that it exchanges below a mounted volume."""
_HOST = r"(?P<host>\[[^\]/]+\]|[^:/@\[\]]+)"
_PATH = r"/*(?P<path>[^/].*?)(?:\.git)?/*"
_URL = re.compile(rf"[a-z][a-z0-9+.-]*://(?:[^/]*@)?{_HOST}(?::\d*)?/{_PATH}", re.IGNORECASE)
_SCP = re.compile(rf"(?:[^@/:]*@)?{_HOST}:(?!//){_PATH}")
"""user@host:path, which git takes beside URLs."""


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

    def checkout(self) -> Checkout:
        """How far git has written out what it tracks below the root."""
        return look(self.root)

    def overlay(self, folder: str) -> str:
        """What the store remembers of resources that an overlay made: its folder, with a / behind it as no file has."""
        return f"{self.relative(folder) or '.'}/"

    def relative(self, file: str) -> str:
        """`file` relative to the root, "" for the root itself; its name alone where it stands outside."""
        if is_stream(file):
            return self.prefix + STDIN_NAME
        real, root = _place(file), str(self.root)
        if real == root:
            return self.prefix[:-1]
        below = root.rstrip(sep) + sep
        return self.prefix + (real.removeprefix(below) if real.startswith(below) else Path(real).name)


def identify(
    paths: Sequence[str], *, explicit: str | None = None, known: Sequence[str] = ()
) -> Source | None:
    """The source of the files below `paths`; None for stdin without a name.

    `known` are the names of sources in the store: a path below the root of a path-named one belongs to it.
    Raises InvalidInput where the paths have different sources, or one source and different roots.
    """
    places = [Path(_place(path)) for path in paths if path != STDIN]
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


def repository_name(folder: Path) -> str:
    """What a repository on this machine is called: by its remote, else by its real path."""
    return _remote_name(folder) or str(folder.resolve())


def checked_out(
    root: Path, path: str, commit: str, *, name: str, folder: Path | None = None, explicit: str | None = None
) -> Source:
    """The source of a commit's files, as `identify` would tell it in a clone. Nothing above `root` counts.

    root: the real path of a folder of ours, which stands for the top of the repository. path: what is read of it.
    name: that of the repository; folder: its real path, where it lies on this machine.
    Raises InvalidManifests for a routerctl.yaml that can't be used.
    """
    place = root / path
    top = str(folder) if folder is not None else None
    settings = _settings_above(place if place.is_dir() else place.parent, root)
    own = Source(name, root, commit, path_name=top)
    if settings is not None:
        own = Source(settings[1], settings[0], commit, path_name=top if settings[0] == root else None)
    if explicit is None:
        return own
    if explicit == own.name:
        return replace(own, path_name=None)
    prefix = f"{top}/" if name == top else f"//{name}/"
    return Source(explicit, root, commit, prefix=prefix)


def _place(path: str) -> str:
    """The real path. But below a volume that Kubernetes mounted, the one that people see: the real one is another after
    each change of the volume.

    A text: making paths of thousands of them costs more than asking where they are.
    """
    real = realpath(path)
    if sep + _VOLUME not in real:
        return real
    seen = Path(path).absolute()
    place = Path(seen.anchor)
    for depth, part in enumerate(seen.parts[1:], 2):
        step = (place / part).resolve()
        if step.is_relative_to(place) and step.relative_to(place).parts[:1] != (part,):
            hidden = step.relative_to(place).parts[:1]
            if hidden and hidden[0].startswith(_VOLUME):
                return str(Path(place / part, *seen.parts[depth:]))
        place = step
    return str(place)


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
    ignored = answer(folder, "check-ignore", ".") is not None
    return None if ignored else answer(folder, "rev-parse", "--show-toplevel")


def _remote_name(folder: Path) -> str | None:
    """Of `origin`, or of the only remote."""
    remotes = (answer(folder, "remote") or "").split()
    if "origin" not in remotes and len(remotes) != 1:
        return None
    remote = "origin" if "origin" in remotes else remotes[0]
    url = answer(folder, "config", "--get", f"remote.{remote}.url")
    return normalised_remote(url) if url else None


def _settings_above(folder: Path, top: Path | None = None) -> tuple[Path, str] | None:
    """The nearest settings' folder, at most `top`, and the name that they give; None where they give none."""
    for candidate in (folder, *folder.parents):
        if top is not None and not candidate.is_relative_to(top):
            return None
        file = candidate / SETTINGS_FILE
        if file.is_file():
            settings = read_mapping(file)
            name = _checked_name(settings) if settings is not None else None
            return (candidate, name) if name is not None else None
    return None


def _checked_name(settings: Document) -> str | None:
    """Raises InvalidManifests for a key that is not known: nothing is accepted that does nothing."""
    problems = []
    for key in settings.data:
        if key not in _SETTINGS:
            meant = suggestion(key, _SETTINGS)
            message = f"unknown field {quoted(key)}" + (f'; did you mean "{meant}"?' if meant else "")
            hint = None if meant else f"known here: {', '.join(_SETTINGS)}"
            problems.append(Problem(settings.locate((key,)), message, None, field_path((key,)), hint))
    name = settings.data.get("source")
    if name is not None and (not isinstance(name, str) or not name):
        place = settings.locate(("source",))
        problems.append(Problem(place, "expected the name of the source", None, "source", "put it in quotes"))
    if problems:
        raise InvalidManifests(problems)
    return name if isinstance(name, str) else None


def _known_root(folder: Path, known: Sequence[str]) -> Path | None:
    roots = [Path(name) for name in known if name.startswith("/")]
    above = [root for root in roots if folder.is_relative_to(root)]
    return max(above, key=lambda root: len(root.parts)) if above else None


def _checkout(folder: Path, top: str | None) -> tuple[str | None, bool]:
    commit = answer(folder, "rev-parse", "--verify", "--quiet", "HEAD") if top else None
    if commit is None:
        return None, False
    return commit, bool(answer(folder, "status", "--porcelain", "--untracked-files=normal", "--", "."))


def dirty_anywhere(source: Source) -> Source:
    """For overlays: their bases lie beside them, so anything that is not committed below the root may be part of them."""
    if source.commit is None or source.dirty:
        return source
    status = answer(source.root, "status", "--porcelain", "--untracked-files=normal", "--", ".")
    return replace(source, dirty=bool(status))


def normalised_remote(url: str) -> str | None:
    """github.com/acme/routing for every spelling of that remote: no scheme, user, port or .git."""
    url = url.strip()
    if url.lower().startswith("file:"):
        return None
    matched = _URL.fullmatch(url) or _SCP.fullmatch(url)
    return f"{matched['host'].lower()}/{matched['path']}" if matched is not None else None
