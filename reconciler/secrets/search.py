"""Looks for secrets in bytes, spelled as programs spell them, and in parts that would give one away.

A value is looked for as it is, by its first and last characters, and whole as base64 (both alphabets, wherever it stands
in what was encoded), in hexadecimal, percent-encoded, and as JSON and Python write it. All of it is one expression, whose
alternatives share their beginnings; a stream is read in pieces that overlap by the longest, so that memory is bounded.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import quote, quote_plus

from reconciler.secrets.value import SecretValue

PART = 12
"""Characters at either end that would give a secret away."""

SHORTEST = 8
"""What is shorter can't be told from words, and is not looked for."""

PIECE = 1024 * 1024
_LONGEST = 4096
"""Of a longer spelling only so much is looked for."""
_LINE = 16
_RULE = b"-----"

_Trie = dict[int, "_Trie"]


class Hit(NamedTuple):
    """`secret` is its name; `form` how it is spelled there; `at` the number of bytes before it."""

    secret: str
    form: str
    at: int


def spellings(value: SecretValue) -> Mapping[bytes, str]:
    """Each spelling, and what it is called. Empty for what is too short. Of PEM and the like each line counts."""
    found: dict[bytes, str] = {}
    for text in _parts(value.reveal()):
        for spelling, form in _of_text(text):
            found.setdefault(spelling[:_LONGEST], form)
    return {
        spelling: form
        for spelling, form in found.items()
        if not any(
            other in spelling for other in found if other is not spelling and len(other) < len(spelling)
        )
    }


def _parts(text: str) -> Iterable[str]:
    """The whole, or its lines that are long enough to tell and not the same in every file of their kind."""
    if "\n" not in text:
        return [text] if len(text) >= SHORTEST else []
    return [line for line in text.splitlines() if len(line) >= _LINE and _RULE.decode() not in line]


def _of_text(text: str) -> Iterator[tuple[bytes, str]]:
    raw = text.encode()
    if len(text) > PART:
        for part, form in ((text[:PART], "its beginning"), (text[-PART:], "its end")):
            yield part.encode(), form
            yield json.dumps(part)[1:-1].encode(), form
    yield raw, "as it is"
    for escaped in (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
        yield escaped.encode(), "escaped"
        yield escaped.replace("/", "\\/").encode(), "escaped"
    yield repr(text)[1:-1].encode(), "escaped"
    for encoded in (quote(text, safe=""), quote(text), quote_plus(text)):
        yield encoded.encode(), "percent-encoded"
        yield re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), encoded).encode(), "percent-encoded"
    yield raw.hex().encode(), "hexadecimal"
    yield raw.hex().upper().encode(), "hexadecimal"
    for shift in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            whole = encode(b"\0" * shift + raw + b"\0" * 2)
            inner = whole[4 if shift else 0 : (shift + len(raw)) // 3 * 4]
            if len(inner) >= SHORTEST:
                yield inner, "base64"


class Search:
    """`known` are secrets by name. `too_short` names those that can't be looked for."""

    def __init__(self, known: Mapping[str, SecretValue]) -> None:
        self._meaning: dict[bytes, tuple[str, str]] = {}
        self.too_short: list[str] = []
        for name, value in known.items():
            spelled = spellings(value)
            if not spelled:
                self.too_short.append(name)
            for spelling, form in spelled.items():
                self._meaning.setdefault(spelling, (name, form))
        shortest = list(_without_longer(sorted(self._meaning)))
        self._longest = max(map(len, shortest), default=1)
        self._expression = re.compile(_expression(shortest)) if shortest else None

    def hits(self, pieces: Iterable[bytes]) -> Iterator[Hit]:
        """In a stream that comes in pieces of any size."""
        if self._expression is None:
            return
        kept, before = b"", 0
        for piece in pieces:
            text = kept + piece
            done = max(0, len(text) - self._longest + 1)
            for found in self._expression.finditer(text):
                if found.start() < done:
                    yield Hit(*self._meaning[found[0]], before + found.start())
                    done = max(done, found.end())
            kept, before = text[done:], before + done
        for found in self._expression.finditer(kept):
            yield Hit(*self._meaning[found[0]], before + found.start())


def _without_longer(spellings: Iterable[bytes]) -> Iterator[bytes]:
    """Of sorted ones, those that begin with no other: where the longer stands, the shorter is found."""
    last: bytes | None = None
    for each in spellings:
        if last is None or not each.startswith(last):
            last = each
            yield each


def _expression(spellings: Iterable[bytes]) -> bytes:
    """The alternatives with their common beginnings written once; none of them is the beginning of another."""
    trie: _Trie = {}
    for spelling in spellings:
        node = trie
        for byte in spelling:
            node = node.setdefault(byte, {})
    return _written(trie)


def _written(node: _Trie) -> bytes:
    """Without recursion along a chain: a spelling may have thousands of characters."""
    text = b""
    while len(node) == 1:
        ((byte, node),) = node.items()
        text += re.escape(bytes([byte]))
    if not node:
        return text
    branches = [re.escape(bytes([byte])) + _written(below) for byte, below in sorted(node.items())]
    return text + b"(?:" + b"|".join(branches) + b")"
