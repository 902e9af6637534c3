"""Where a call may begin in what a model writes: not in code, and not in what it thinks.

Markdown's rules as far as they matter here: a fence is a line that begins with three or more backticks or tildes, and ends
with another of the kind, as long at least; code within a line stands between two runs of as many backticks.
"""

import re

_TOKEN = re.compile(
    rb"\n|`+|~+|[ \t\r]+|(<)(?=[A-Za-z0-9_.:@$/-]|\Z)|(?:[^\n`~< \t\r]|<(?![A-Za-z0-9_.:@$/-]|\Z))+"
)
"""A `<` by itself begins a tag, or stands at the end, so that it still may."""
_FENCE = 3


class Prose:
    """Told all that is passed on as text, in order and once."""

    def __init__(self) -> None:
        self.blank = True
        """Whether nothing but blanks was seen so far."""
        self.thinks = False
        self._line_blank = True
        self._run = (b"", 0)
        self._run_begins_line = False
        self._fence = (b"", 0)
        self._closing = False
        self._inline = 0

    def search(self, text: bytearray) -> int:
        """The place of the first `<` that may begin a tag, and was told to be text so far; -1 where none is left."""
        for found in _TOKEN.finditer(text):
            token = found[0]
            if token[:1] in (b"`", b"~"):
                self._ticks(token)
                continue
            self._end_run()
            if token == b"\n":
                self._line_ends()
            elif token[:1] not in (b" ", b"\t", b"\r"):
                free = self.thinks or not (self._fence[1] or self._inline)
                if found[1] and free:
                    return found.start()
                self.visible()
        return -1

    def visible(self) -> None:
        """What comes now is text, and no blank."""
        self.blank = self._line_blank = self._closing = False

    def line_begins(self) -> None:
        """Behind what is no text."""
        self.blank = False
        self._line_blank, self._inline = True, 0

    def _ticks(self, token: bytes) -> None:
        sign, length = self._run
        if sign and token.startswith(sign):
            self._run = (sign, length + len(token))
            return
        self._end_run()
        self._run = (token[:1], len(token))
        self._run_begins_line = self._line_blank
        self.visible()

    def _end_run(self) -> None:
        """Only what follows it shows how long it is."""
        (sign, length), self._run = self._run, (b"", 0)
        if not sign or self.thinks:
            return
        fence, least = self._fence
        if least:
            self._closing = self._run_begins_line and sign == fence and length >= least
        elif self._run_begins_line and length >= _FENCE:
            self._fence = (sign, length)
        elif sign == b"`":
            self._inline = 0 if self._inline == length else self._inline or length

    def _line_ends(self) -> None:
        if self._closing:
            self._fence = (b"", 0)
        self._line_blank, self._closing, self._inline = True, False, 0
