"""Paths → what a source wants: read and decode, every problem at once."""

import getpass
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from reconciler.control.manifest.decode import Declared, decode
from reconciler.control.manifest.document import InvalidManifests, Location, Problem, field_path
from reconciler.control.manifest.reader import ACCELERATED, read_paths
from reconciler.control.manifest.validate import violations
from reconciler.control.proposal import Wanted
from reconciler.control.seal import literal_of, secrets_of
from reconciler.control.source import Source, identify
from reconciler.errors import InvalidInput
from reconciler.resources.resource import local_manager


@dataclass(frozen=True, slots=True)
class Intake:
    """What was read of `paths`. `problems` holds errors and warnings in the order of the files."""

    declared: tuple[Declared, ...]
    problems: tuple[Problem, ...]
    files: tuple[str, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if not problem.warning)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.warning)


_SLOW_READER = Problem(
    None,
    "ruamel.yaml's C parser is missing, so manifests are read several times more slowly",
    hint="pip install ruamel.yaml.clib",
    warning=True,
)


def take_in(paths: Sequence[str], *, stdin: BinaryIO | None = None, namespace: str | None = None) -> Intake:
    """Reads and decodes all files below `paths`. Never raises for what stands in them."""
    reading = read_paths(paths, stdin)
    decoding = decode(reading.documents, namespace=namespace)
    problems = [*reading.problems, *decoding.problems]
    for declared in decoding.declared:
        problems.extend(_plain_secrets(declared))
    if not ACCELERATED:
        problems.append(_SLOW_READER)
    problems.sort(key=lambda problem: problem.location or Location("", 0, 0))
    return Intake(decoding.declared, tuple(problems), reading.files)


def cross_problems(intake: Intake, *, closed: bool) -> tuple[Problem, ...]:
    """Broken rules between the resources of these files. A dangling reference is an error only where the files are
    `closed`: the store may hold what they don't. One to a resource that is here and broken is no problem of its own.
    """
    declared = {item.key: item for item in intake.declared}
    broken = {problem.key for problem in intake.errors}
    return tuple(
        Problem(
            declared[violation.key].document.locate(violation.field),
            violation.message
            if closed or violation.dangling is None
            else f"{violation.message} in these files",
            violation.key,
            field_path(violation.field),
            violation.hint,
            warning=violation.dangling is not None and not closed,
        )
        for violation in violations({key: item.resource for key, item in declared.items()})
        if violation.dangling not in broken or violation.dangling is None
    )


def wanted(
    intake: Intake,
    paths: Sequence[str],
    source: Source | None,
    *,
    manager: str | None = None,
    prune: bool = False,
    force: bool = False,
    resync: bool = False,
) -> Wanted:
    """What to plan from. Raises InvalidManifests for what can't be read, InvalidInput for a prune without a source."""
    if intake.errors:
        raise InvalidManifests(intake.errors)
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
        resync,
        _empty(paths, intake.declared) if prune else (),
    )


def scopes(paths: Sequence[str], source: Source | None) -> tuple[str, ...]:
    """The paths as the source knows them; "" for its root."""
    if source is None:
        return ("",)
    return tuple(source.relative(path) for path in paths if path != "-") or ("",)


def _empty(paths: Sequence[str], declared: Sequence[Declared]) -> tuple[str, ...]:
    """The paths given below which no resource was read. Links and overlaps count: a file is read once, by one name."""
    files = {item.document.file for item in declared}
    return tuple(path for path in paths if path != "-" and not any(_below(file, path) for file in files))


def _below(file: str, path: str) -> bool:
    return Path(file).is_relative_to(path) or Path(file).resolve().is_relative_to(Path(path).resolve())


def source_of(paths: Sequence[str], *, explicit: str | None, known: Sequence[str]) -> Source | None:
    """The source of `paths`; see `source.identify`. A path that does not exist has none, and is reported as read."""
    present = [path for path in paths if path == "-" or Path(path).exists()]
    return identify(present, explicit=explicit, known=known)


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
                    "refer to it with valueFrom: {env: NAME}, and rotate it if it was committed",
                    warning=True,
                )
            )
    return found
