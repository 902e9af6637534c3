"""Patterns in which `*` stands for any text. They take linear time, whatever the pattern and the text are."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Glob:
    """`pieces` stand between the first `*` and the last, in their order. Without a `*` the pattern is `prefix` alone."""

    prefix: str
    pieces: tuple[str, ...]
    suffix: str
    exact: bool

    def __str__(self) -> str:
        return self.prefix if self.exact else "*".join((self.prefix, *self.pieces, self.suffix))

    def matches(self, text: str) -> bool:
        if self.exact:
            return text == self.prefix
        at, end = len(self.prefix), len(text) - len(self.suffix)
        if at > end or not text.startswith(self.prefix) or not text.endswith(self.suffix):
            return False
        for piece in self.pieces:  # the first place of each leaves the most room for those that follow
            found = text.find(piece, at, end)
            if found < 0:
                return False
            at = found + len(piece)
        return True


def glob(pattern: str) -> Glob:
    first, *rest = pattern.split("*")
    if not rest:
        return Glob(first, (), "", exact=True)
    *between, last = rest
    return Glob(first, tuple(piece for piece in between if piece), last, exact=False)
