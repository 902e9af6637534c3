"""Comments that silence rules: `# routerctl-lint: disable=ID[,ID] reason`, or `disable-file=`.

Reading manifests drops comments, so they are found in the text again. At the end of a line such a comment counts for
that line; on a line of its own for the next line that is no comment, or, above everything else of its document, for the
whole document. `disable-file` counts for the file, wherever it stands.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.control.manifest.document import Location
from reconciler.control.manifest.locator import scalar_spans
from reconciler.control.manifest.reader import pieces

MARK = "routerctl-lint:"
_COMMENT = re.compile(rf"(?:^|(?<=[ \t]))#[ \t]*{MARK}[ \t]*(?P<words>.*)$")
_WORDS = re.compile(
    r"(?P<verb>disable(?:-file)?)[ \t]*=[ \t]*(?P<ids>[A-Za-z0-9-]+(?:[ \t]*,[ \t]*[A-Za-z0-9-]+)*)(?:[ \t].*)?"
)
_BREAK = re.compile("\r\n|\r|\n")
_LONGEST = 10_000_000
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment: it silences `ids` on the lines from `first` to `last`, both included.

    ids: None where the comment can't be understood.
    """

    location: Location
    ids: tuple[str, ...] | None
    first: int
    last: int

    def covers(self, rule: str, location: Location | None) -> bool:
        if location is None or self.ids is None or rule not in self.ids:
            return False
        return location.file == self.location.file and self.first <= location.line <= self.last


def suppressions(texts: Mapping[str, str]) -> tuple[Suppression, ...]:
    """All comments to lint, in the files by name."""
    return tuple(found for file, text in texts.items() if MARK in text for found in _in_file(file, text))


def _in_file(file: str, text: str) -> Iterator[Suppression]:
    first = 1
    for piece in pieces(text.encode("utf-8", "surrogateescape")):
        body = piece.decode("utf-8", "surrogateescape")
        lines = _BREAK.split(body)
        if MARK in body:
            yield from _in_document(file, first, lines, list(scalar_spans(body)))
        first += len(lines) - 1


def _in_document(
    file: str, first: int, lines: Sequence[str], inside: Sequence[tuple[Place, Place]]
) -> Iterator[Suppression]:
    empty = True
    for index, line in enumerate(lines):
        found = _COMMENT.search(line)
        before = line[: found.start()] if found is not None else line
        alone = not before.strip()
        if found is not None and not any(start <= (index, found.start()) < end for start, end in inside):
            location = Location(file, first + index, found.start() + 1)
            span = _span(lines, index, alone=alone, top=empty)
            yield _suppression(location, found["words"], (first + span[0], first + span[1]))
        empty = empty and (not before.strip() or line.startswith(("#", "---", "%")))


def _suppression(location: Location, words: str, lines: tuple[int, int]) -> Suppression:
    told = _WORDS.fullmatch(words.rstrip())
    if told is None:
        return Suppression(location, None, *lines)
    ids = tuple(dict.fromkeys(word.strip() for word in told["ids"].split(",")))
    if told["verb"] == "disable-file":
        return Suppression(location, ids, 0, _LONGEST)
    return Suppression(location, ids, *lines)


def _span(lines: Sequence[str], index: int, *, alone: bool, top: bool) -> tuple[int, int]:
    """First and last line, counted from 0 in the document, that a comment at `index` counts for."""
    if not alone:
        return index, index
    if top:
        return 0, len(lines) - 1
    following = (at for at in range(index + 1, len(lines)) if lines[at].strip(" \t")[:1] not in ("", "#"))
    target = next(following, index)
    return target, target
