"""The text of a patch that stands inside a kustomization: read with the places that it has there."""

from dataclasses import dataclass, replace

from reconciler.control.manifest.document import Document, Location, Problem, Reading
from reconciler.control.manifest.locator import Path
from reconciler.control.manifest.reader import read_text


@dataclass(frozen=True, slots=True)
class Inline(Document):
    """`shift`: how far the text is indented. None: it is quoted, so `line` and `column` stand for all of it."""

    shift: int | None = None
    column: int = 1

    def locate(self, path: Path) -> Location:
        if self.shift is None:
            return Location(self.file, self.line, self.column)
        file, line, column = Document.locate(self, path)
        return Location(file, line, column + self.shift)


def read_inline(holder: Document, path: Path, text: str) -> Reading:
    """The documents of `text`, which is what stands at `path` of `holder`."""
    file, line, column = holder.locate(path)
    shift = _indentation(holder, line, text)
    reading = read_text(text, file, line=line + 1 if shift is not None else line, lists=True)

    def moved(problem: Problem) -> Problem:
        if shift is None or problem.location is None:
            inside = f" (line {problem.location.line - line + 1} of the patch)" if problem.location else ""
            return replace(problem, location=Location(file, line, column), message=problem.message + inside)
        _, at, within = problem.location
        return replace(problem, location=Location(file, at, within + shift))

    documents = tuple(
        Inline(
            document.data,
            file,
            document.text,
            document.line if shift is not None else line,
            document.faulty,
            document.items,
            shift=shift,
            column=column,
        )
        for document in reading.documents
    )
    return Reading(documents, tuple(map(moved, reading.problems)), reading.files)


def _indentation(holder: Document, line: int, text: str) -> int | None:
    """How far a literal block is indented, if `text` begins on the line behind `line` as it is."""
    written = holder.text.splitlines()[line - holder.line + 1 :]
    lines = text.splitlines()
    if len(lines) < 1 or len(written) < len(lines):
        return None
    shift = len(written[0]) - len(lines[0])
    same = all(
        seen[shift:] == meant and not seen[:shift].strip()
        for seen, meant in zip(written, lines, strict=False)
    )
    return shift if shift > 0 and same else None
