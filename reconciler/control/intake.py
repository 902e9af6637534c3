"""Paths → what a source wants: read and decode, every problem at once."""

import getpass
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from reconciler.control.kustomize.entrance import Overlay, build
from reconciler.control.manifest.decode import Declared, decode
from reconciler.control.manifest.document import (
    InvalidManifests,
    Location,
    Problem,
    Reading,
    field_path,
    in_order,
)
from reconciler.control.manifest.files import STDIN, STDIN_NAME, is_stream
from reconciler.control.manifest.memory import Memory
from reconciler.control.manifest.reader import ACCELERATED, read_paths
from reconciler.control.manifest.validate import DEFAULT_MODEL, Violation, violations
from reconciler.control.proposal import Wanted
from reconciler.control.seal import literal_of, secrets_of
from reconciler.control.source import Source, dirty_anywhere, identify
from reconciler.errors import InvalidInput
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey, local_manager


@dataclass(frozen=True, slots=True)
class Intake:
    """What was read of `paths`. `problems` holds errors and warnings in the order of the files, and in each of its lines.

    partial: what has errors, as far as it has none. empty: an error for each path below which nothing was read: an
    oversight, but for who prunes. The guard of a prune knows more of such a path.
    """

    declared: tuple[Declared, ...]
    problems: tuple[Problem, ...]
    files: tuple[str, ...]
    partial: tuple[Declared, ...] = ()
    empty: tuple[Problem, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if not problem.warning)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.warning)


_FOLDER_HINT = (
    "a folder is searched for names that end in .yaml, .yml or .json; "
    "hidden ones, routerctl.yaml and kustomization.yaml do not count"
)
_SLOW_READER = Problem(
    None,
    "ruamel.yaml's C parser is missing, so manifests are read several times more slowly",
    hint="pip install ruamel.yaml.clib",
    warning=True,
)


def remembering(memory: Path) -> Callable[[Sequence[str]], Intake]:
    """take_in for who reads the same files again and again; `memory` is the file in which is remembered what they hold."""

    def read(paths: Sequence[str]) -> Intake:
        with Memory(memory) as opened:
            return take_in(paths, memory=opened)

    return read


def take_in(
    paths: Sequence[str],
    *,
    stdin: BinaryIO | None = None,
    namespace: str | None = None,
    memory: Memory | None = None,
    count: Callable[[int], None] = lambda _: None,
) -> Intake:
    """Reads and decodes all files below `paths`, and builds the overlays among them. Never raises for what stands there.

    memory: of files that were read before, open. What is read anew is added to it. count: called after each file, with how many were read.
    """
    reading = _read(paths, stdin, namespace or DEFAULT_NAMESPACE, memory, count)
    decoding = decode(reading.documents, namespace=namespace)
    problems = [*reading.problems, *decoding.problems]
    for declared in (*decoding.declared, *decoding.partial):
        if not declared.document.sound:
            problems.extend(_plain_secrets(declared))
    if not ACCELERATED:
        problems.append(_SLOW_READER)
    told = {problem.location.file for problem in problems if problem.location is not None}
    if reading.problems:
        told.update(path for path in paths if isinstance(path, Overlay))
    if memory is not None:
        memory.keep(told)
    empty = tuple(_nothing_read(path, reading.files) for path in _empty(paths, decoding.declared, told))
    return Intake(
        decoding.declared, in_order(problems, reading.files), reading.files, decoding.partial, empty
    )


def _read(
    paths: Sequence[str],
    stdin: BinaryIO | None,
    namespace: str,
    memory: Memory | None,
    count: Callable[[int], None],
) -> Reading:
    overlays = [path for path in paths if isinstance(path, Overlay)]
    files = [path for path in paths if not isinstance(path, Overlay)]
    plain = read_paths(files, stdin, namespace=namespace, memory=memory, count=count)
    built = [build(path) for path in overlays]
    return Reading(
        plain.documents + tuple(document for reading in built for document in reading.documents),
        plain.problems + tuple(problem for reading in built for problem in reading.problems),
        plain.files + tuple(file for reading in built for file in reading.files),
    )


def every_problem(intake: Intake, *, closed: bool) -> tuple[Problem, ...]:
    """All that is wrong with these files alone, in their order."""
    found = [*intake.problems, *intake.empty, *cross_problems(intake, closed=closed)]
    return in_order(found, intake.files)


def cross_problems(intake: Intake, *, closed: bool) -> tuple[Problem, ...]:
    """Broken rules between the resources of these files. A dangling reference is an error only where the files are
    `closed`: the store may hold what they don't. One to a resource that is here and broken is no problem of its own.
    """
    items = {item.key: item for item in (*intake.declared, *intake.partial)}
    broken = {problem.key for problem in intake.errors if problem.key is not None}
    return tuple(
        Problem(
            items[violation.key].document.locate(violation.field),
            violation.message
            if closed or violation.dangling is None
            else f"{violation.message} in these files",
            violation.key,
            field_path(violation.field),
            violation.hint,
            warning=violation.dangling is not None and not closed,
            rule="dangling-reference" if violation.dangling is not None and not closed else None,
        )
        for violation in violations({key: item.resource for key, item in items.items()})
        if violation.dangling is None or not _may_be_here(violation, broken)
    )


def _may_be_here(violation: Violation, broken: Collection[ResourceKey]) -> bool:
    """Whether what is referred to may be what a broken document meant to declare: any name may be that of an alias."""
    if violation.field == DEFAULT_MODEL:
        return any(key[:2] == ("Model", violation.key.namespace) for key in broken)
    return violation.dangling in broken


def wanted(
    intake: Intake,
    paths: Sequence[str],
    source: Source | None,
    *,
    manager: str | None = None,
    prune: bool = False,
    force: bool = False,
) -> Wanted:
    """What to plan from. Raises InvalidManifests for what can't be read, with all that is known of these files by then,
    and InvalidInput for a prune without a source.
    """
    if intake.errors or (intake.empty and not prune):
        sure = [problem for problem in cross_problems(intake, closed=False) if not problem.warning]
        raise InvalidManifests(in_order([*intake.problems, *intake.empty, *sure], intake.files))
    if prune and source is None:
        raise InvalidInput(
            "--prune needs to know whose resources are meant",
            hint="give --source NAME with manifests from stdin",
        )
    return Wanted(
        {item.key: item for item in intake.declared},
        manager or (source.manager if source is not None else local_manager(user())),
        source,
        scopes(paths, source),
        prune,
        force,
        empty=_empty([path for path in paths if not is_stream(path)], intake.declared) if prune else (),
        files=intake.files,
    )


def scopes(paths: Sequence[str], source: Source | None) -> tuple[str, ...]:
    """The paths as the source knows them; "" for its root. An overlay's scope holds what that overlay made, and no more."""
    if source is None:
        return ("",)
    return tuple(
        source.overlay(path) if isinstance(path, Overlay) else source.relative(path)
        for path in paths
        if not is_stream(path)
    ) or ("",)


def _empty(paths: Sequence[str], declared: Sequence[Declared], told: Collection[str] = ()) -> tuple[str, ...]:
    """The paths given below which no resource was read, nor anything `told`. Links and overlaps count: a file is read
    once, by one name.
    """
    files = {item.document.overlay or item.document.file for item in declared} | set(told)
    return tuple(path for path in dict.fromkeys(paths) if not _any_below(files, path))


def _nothing_read(path: str, files: Sequence[str]) -> Problem:
    place = Location(STDIN_NAME if path == STDIN else path, 0, 0)
    if _any_below(files, path):
        return Problem(place, "nothing was read: no resource stands here", hint="write one, or leave it out")
    return Problem(place, "nothing was read: no manifest stands in this folder", hint=_FOLDER_HINT)


def _any_below(files: Collection[str], path: str) -> bool:
    if is_stream(path):
        return (STDIN_NAME if path == STDIN else path) in files
    return path in files or any(_below(file, path) for file in files if file != STDIN_NAME)


def _below(file: str, path: str) -> bool:
    return Path(file).is_relative_to(path) or Path(file).resolve().is_relative_to(Path(path).resolve())


def source_of(paths: Sequence[str], *, explicit: str | None, known: Sequence[str]) -> Source | None:
    """The source of `paths`; see `source.identify`. A path that does not exist has none, and is reported as read; a pipe
    has none, as stdin.
    """
    present = [STDIN if is_stream(path) else path for path in paths if is_stream(path) or Path(path).exists()]
    source = identify(present, explicit=explicit, known=known)
    overlaid = any(isinstance(path, Overlay) for path in paths)
    return dirty_anywhere(source) if source is not None and overlaid else source


def user() -> str:
    """Who works here, for the record."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def _plain_secrets(declared: Declared) -> list[Problem]:
    found = []
    for path, written in secrets_of(declared.resource):
        if literal_of(written) is not None:
            field = ("spec", *path)
            found.append(
                Problem(
                    declared.document.locate(field),
                    "a secret in plain text; apply moves it to the vault, but the file keeps it",
                    declared.key,
                    field_path(field),
                    "seal it (routerctl secret seal -f FILE), or refer to it with valueFrom: {env: NAME}; and rotate it if it was committed",
                    warning=True,
                    rule="plaintext-secret",
                )
            )
    return found
