"""Legacy mode of `up` and `serve`: an empty store is kept equal to a .env or a YAML file of another system, if somebody asks
for it. It stands in for no store that fails: a store that can't be read is an error, as without it.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from reconciler.bootstrap.following import Target
from reconciler.bootstrap.reading import open_reader_if_any
from reconciler.control.importing.dotenv import parse
from reconciler.control.importing.fields import truth_of
from reconciler.control.importing.reading import AUTO, NotKnown, Reading
from reconciler.control.importing.source_files import candidates, content_of
from reconciler.control.legacy import holds_nothing_else
from reconciler.control.legacy_files import LEGACY_GUARDS, LegacyFiles, LegacyIntake
from reconciler.control.reconcile import Result
from reconciler.errors import InvalidInput, Refused
from reconciler.resources.resource import DEFAULT_NAMESPACE
from reconciler.store import foreign
from reconciler.store.url import StoreLocation

FLAG = "USE_LEGACY_CONFIG"
"""The provider-router's own variable. It stands in the environment, or in the .env file itself."""
_ENV = ".env"


@dataclass(frozen=True, slots=True)
class LegacyMode:
    """What was asked for. paths: none where it is off. ignored: whether it was asked for, and the store counts instead.

    found: nobody asked, there is no store, and these files are here.
    """

    paths: tuple[str, ...] = ()
    ignored: bool = False
    found: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """given: --legacy PATH. here: the folder that the process was started in."""

    location: StoreLocation
    environ: Mapping[str, str] = field(repr=False)
    given: Path | None
    here: Path


def legacy_mode(asked: Asked) -> LegacyMode:
    """Raises Refused for a path that is given for a store that holds something, InvalidInput where there is no file to
    serve from, and StoreError for a store that can't be read.
    """
    if asked.given is None and not _is_flagged(asked):
        is_new = not asked.location.config_path.exists()
        return LegacyMode(found=tuple(path.name for path in _files(asked)) if is_new else ())
    with open_reader_if_any(asked.location) or nullcontext() as reader:
        state = reader.state() if reader is not None else {}
    if not holds_nothing_else(state.values()):
        if asked.given is None:
            return LegacyMode(ignored=True)
        raise Refused(
            f"the store at {asked.location.url} holds {len(state)} resources, so {asked.given} would not be served",
            hint="serve the store without --legacy, or name another store with --db",
        )
    found = _files(asked)
    if not found:
        place = asked.given or asked.here
        raise InvalidInput(
            f"there is no .env and no YAML file in {place} that could be served in legacy mode",
            hint="name the file with --legacy PATH; a database is brought over by routerctl migrate",
        )
    return LegacyMode(tuple(str(path.absolute()) for path in found))


def warning(paths: tuple[str, ...]) -> str:
    """What is said at each start."""
    told = " and ".join(paths)
    return (
        f"legacy mode: served is what stands in {told}; this is meant for a while. To move: routerctl migrate {' '.join(paths)}, "
        "then start without it"
    )


IGNORED = f"{FLAG} is on, and the store holds resources: these are served, and no file is read. Remove {FLAG}"


class LegacyStep:
    """One reconcile of the store with the files."""

    def __init__(self, target: Target, paths: tuple[str, ...]) -> None:
        reconciler = target.reconciler(prune=True, guards=LEGACY_GUARDS)
        self._reconciler = replace(reconciler, read=LegacyIntake(paths, target.environ))
        self._origin = LegacyFiles(paths, target.reader.state)

    def __call__(self) -> Result:
        return self._reconciler.reconcile(self._origin)


def _is_flagged(asked: Asked) -> bool:
    said = asked.environ.get(FLAG)
    if said is None:
        try:
            said = parse(content_of(asked.here / _ENV).decode("utf-8", "replace")).values.get(FLAG)
        except InvalidInput:
            return False
    return truth_of(said) is True


def _files(asked: Asked) -> list[Path]:
    """A file that is given is read in any case: what is wrong with it is said when it is."""
    place = asked.given or asked.here
    if not place.is_dir():
        return [] if foreign.is_database(place) else [place]
    reading = Reading(asked.environ, DEFAULT_NAMESPACE, AUTO)
    found = []
    for path in candidates(place):
        if foreign.is_database(path):
            continue
        try:
            says_something = any(each.resources for each in reading.findings((path,)))
        except NotKnown:
            continue
        except InvalidInput:
            says_something = path.name == _ENV
        if says_something:
            found.append(path)
    return found
