"""Changes of a text, gathered first and made at once: every place is that of the text as it was."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Splices:
    text: str
    eol: str
    _gathered: list[tuple[int, int, str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self._gathered)

    def replace(self, start: int, end: int, text: str) -> None:
        if self.text[start:end] != text:
            self._gathered.append((start, end, text))

    def insert(self, position: int, text: str) -> None:
        self.replace(position, position, text)

    def remove(self, start: int, end: int) -> None:
        self.replace(start, end, "")

    def insert_lines(self, position: int, lines: tuple[str, ...] | list[str], indent: int) -> None:
        """Before the line that begins at `position`; that may be the end of a last line without its line end."""
        if not lines:
            return
        written = [" " * indent + line if line else "" for line in lines]
        begins = position == 0 or self.text[position - 1] in "\r\n"
        before = "" if begins or self._ends_at(position) else self.eol
        self.insert(position, before + "".join(line + self.eol for line in written))

    def _ends_at(self, position: int) -> bool:
        """Whether lines are inserted there already: they end with a line end."""
        return any(
            start == end == position and text.endswith(self.eol) for start, end, text in self._gathered
        )

    def made(self) -> str:
        """The text with all changes. What is removed twice is removed once; insertions at one place keep their order."""
        parts, cursor = [], 0
        for start, end, text in sorted(self._gathered, key=lambda splice: (splice[0], splice[1] > splice[0])):
            parts += [self.text[cursor:start], text]
            cursor = max(cursor, end)
        return "".join([*parts, self.text[cursor:]])
