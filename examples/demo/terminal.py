"""What the demo writes: numbered titles, commands with their output, and answers as they come.

Colours only where a terminal shows them and NO_COLOR is unset. What other programs say is written without control
characters, so that a model cannot drive the terminal.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from typing import TextIO

INDENT = "   "
WIDEST = 100
_BOLD, _DIM, _GREEN, _YELLOW = "1", "2", "32", "33"


class Terminal:
    def __init__(self, out: TextIO) -> None:
        self._out = out
        dumb = os.environ.get("TERM") == "dumb" or bool(os.environ.get("NO_COLOR"))
        self._colours = out.isatty() and not dumb
        self._width = min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns) - len(INDENT) - 2

    def title(self, number: int, text: str) -> None:
        self.heading(f"{number}  {text}")

    def heading(self, text: str) -> None:
        self._write(f"\n{self._paint(text, _BOLD)}\n")

    def say(self, text: str = "") -> None:
        self._write(f"{INDENT}{text}\n" if text else "\n")

    def shown(self, text: str) -> None:
        """What was checked, and held."""
        self.say(self._paint(f"=> {text}", _GREEN))

    def warn(self, text: str) -> None:
        self.say(self._paint(f"!  {printable(text)}", _YELLOW))

    def command(self, text: str) -> None:
        self.say(f"{self._paint('$', _DIM)} {text}")

    def output(self, text: str) -> None:
        for line in text.splitlines():
            self.say(self._paint(f"  {printable(line)}".rstrip(), _DIM))

    def spoken(self, pieces: Iterable[str], most_lines: int) -> None:
        """Writes each word as soon as it is whole, wrapped; after so many lines only dots. Takes all pieces."""
        column, line = 0, 0
        for word in _words(pieces):
            if line > most_lines:
                continue
            if line == 0 or column + 1 + len(word) > self._width:
                line, column = line + 1, 0
                if line > most_lines:
                    self._write(" ...")
                    continue
                self._write(f"{'' if line == 1 else chr(10)}{INDENT}| ")
            self._write(f"{' ' if column else ''}{word}")
            column += len(word) + (column > 0)
        self._write("\n" if line else "")

    def _paint(self, text: str, colour: str) -> str:
        return f"\033[{colour}m{text}\033[0m" if self._colours else text

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()


def printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def _words(pieces: Iterable[str]) -> Iterator[str]:
    """Each word once the white space after it has come."""
    rest = ""
    for piece in pieces:
        *whole, rest = (rest + printable(piece)).split(" ")
        yield from (word for word in whole if word)
    if rest:
        yield rest
