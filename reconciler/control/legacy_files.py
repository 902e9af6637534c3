"""What legacy mode reads: another system's files, as if they were manifests."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from os.path import commonpath, realpath
from pathlib import Path

from reconciler.control.importing.merging import merged
from reconciler.control.importing.reading import AUTO, Reading
from reconciler.control.importing.wanting import declared_of_findings
from reconciler.control.intake import Intake
from reconciler.control.legacy import holds_nothing_else
from reconciler.control.manifest.document import Problem
from reconciler.control.proposal import DeleteLimit, Guards
from reconciler.control.reconcile import Files
from reconciler.control.source import LEGACY_SOURCE, Source
from reconciler.errors import Refused
from reconciler.resources.resource import DEFAULT_NAMESPACE
from reconciler.resources.state import State

LEGACY_GUARDS = Guards(DeleteLimit(percent=100))
"""What is gone from the file goes; a file that says nothing at all is an oversight."""


@dataclass(frozen=True, slots=True)
class LegacyFiles:
    """An Origin. `state`: of the store."""

    paths: tuple[str, ...]
    state: Callable[[], State]

    @property
    def name(self) -> str:
        return LEGACY_SOURCE

    def files(self, known: Callable[[], Sequence[str]]) -> Files:
        """Raises Refused where the store holds what somebody else wrote: that counts, and not the file."""
        del known
        if not holds_nothing_else(self.state().values()):
            raise Refused(
                f"legacy mode has ended: the store holds what others wrote, so {', '.join(self.paths)} is not read",
                hint="start it without --legacy and USE_LEGACY_CONFIG",
            )
        root = _root(self.paths)
        return Files((str(root),), Source(LEGACY_SOURCE, root), operation="up", message="legacy mode")


@dataclass(frozen=True, slots=True)
class LegacyIntake:
    """Reads `paths`, whatever it is asked for. Secrets are literals, which an apply seals."""

    paths: tuple[str, ...]
    environ: Mapping[str, str] = field(repr=False)

    def __call__(self, _: Sequence[str]) -> Intake:
        """Raises InvalidInput for a file that can't be read."""
        found = merged(Reading(self.environ, DEFAULT_NAMESPACE, AUTO).findings(tuple(map(Path, self.paths))))
        declared = declared_of_findings(found, self.paths[0])
        problems: tuple[Problem, ...] = ()
        if found.losses:
            count = len(found.losses)
            told = f"{count} of its fields {'counts' if count == 1 else 'count'} for nothing here"
            problems = (Problem(None, told, hint="routerctl migrate --dry-run names them", warning=True),)
        return Intake(declared, problems, self.paths)


def _root(paths: Sequence[str]) -> Path:
    folders = [str(Path(realpath(path)).parent) for path in paths]
    return Path(commonpath(folders))
