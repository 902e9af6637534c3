"""What a rule is, and what it says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from reconciler.control.lint.declarations import Declarations
from reconciler.control.manifest.document import Location
from reconciler.control.manifest.locator import Path
from reconciler.control.manifest.printable import printable
from reconciler.resources.resource import ResourceKey


class Severity(IntEnum):
    """The greater, the graver."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def word(self) -> str:
        return self.name.lower()


SEVERITIES = tuple(severity.word for severity in sorted(Severity, reverse=True))
"""The words for them, the gravest first."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What a rule says of one field of one resource. `location`: where a place is known that is not the field's."""

    key: ResourceKey
    field: Path
    message: str
    hint: str
    location: Location | None = None


Check = Callable[[Declarations], Iterator[Remark]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table. `bad` and `good` are manifests, without their `apiVersion`.

    check: None where somebody else finds it: what validates, or what reads the comments. together: it looks at several
    resources, so it waits until all of them could be read. final: no comment and no option silences it.
    """

    id: str
    severity: Severity
    applies: str
    summary: str
    why: str
    bad: str
    good: str
    check: Check | None = None
    together: bool = False
    final: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What lint says. `field` is written as people write it."""

    rule: str
    severity: Severity
    location: Location | None
    message: str
    key: ResourceKey | None = None
    field: str | None = None
    hint: str | None = None

    @property
    def text(self) -> str:
        """Whom it is about, what is wrong, and what to do."""
        subject = printable(str(self.key)) if self.key is not None else None
        text = ": ".join(part for part in (subject, self.field, self.message) if part)
        return f"{text}; {self.hint}" if self.hint else text

    def __str__(self) -> str:
        """`file:line:col: warning[id]: Kind/name: field: message; hint`."""
        place = f"{self.location}: " if self.location is not None else ""
        return f"{place}{self.severity.word}[{self.rule}]: {self.text}"
