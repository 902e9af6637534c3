"""JSON values → block YAML, as people write it. Reading the text gives the same values again.

The library that reads manifests is not needed to write this much of YAML: what only prints starts without it.
"""

import json
import re
from collections.abc import Iterable, Iterator

from reconciler.json_types import JsonObject, JsonValue

_PLAIN = re.compile(
    r"[A-Za-z/][A-Za-z0-9_./+@=,()-]*(?:[ :][A-Za-z0-9_./+@=,()-]+)*|(?:[0-9]{1,5}(?:h|ms|m|s)){1,4}"
)
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
"""Some YAML readers take these for something else than text."""
_STEP = "  "


def to_yaml(documents: Iterable[JsonObject]) -> str:
    """Documents separated by `---`; no documents give no text. A key has at most 1000 characters, as YAML wants it."""
    texts = ("".join(f"{line}\n" for line in _document(document)) for document in documents)
    return "---\n".join(texts)


def _document(document: JsonObject) -> Iterator[str]:
    return _mapping(document) if document else iter(["{}"])


def _mapping(mapping: JsonObject) -> Iterator[str]:
    for name, value in mapping.items():
        yield from _entry(f"{_text(name)}:", value)


def _entry(head: str, value: JsonValue) -> Iterator[str]:
    """The lines of one key and its value."""
    if isinstance(value, dict | list) and value:
        yield head
        lines = _mapping(value) if isinstance(value, dict) else _sequence(value)
        yield from map(_indented, lines)
    elif isinstance(value, str) and fits_a_block(value):
        yield from _block(head, value)
    else:
        yield f"{head} {scalar(value)}"


def _sequence(items: list[JsonValue]) -> Iterator[str]:
    for item in items:
        if isinstance(item, dict | list) and item:
            lines = _mapping(item) if isinstance(item, dict) else _sequence(item)
            yield f"- {next(lines)}"
            yield from map(_indented, lines)
        elif isinstance(item, str) and fits_a_block(item):
            yield from _block("-", item)
        else:
            yield f"- {scalar(item)}"


def _indented(line: str) -> str:
    return _STEP + line if line else ""


def _block(head: str, text: str) -> Iterator[str]:
    """A literal block; `-` where the text does not end with its last line's break."""
    yield f"{head} |" if text.endswith("\n") else f"{head} |-"
    for line in text.removesuffix("\n").split("\n"):
        yield _indented(line)


def fits_a_block(text: str) -> bool:
    """Several lines, none of which hides something: no trailing blanks, no tabs, no empty first or last line."""
    if "\n" not in text:
        return False
    lines = text.removesuffix("\n").split("\n")
    return bool(
        lines[0]
        and lines[-1]
        and not lines[0].startswith(" ")
        and all(line.isprintable() and line == line.rstrip() for line in lines)
    )


def scalar(value: JsonValue) -> str:
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(text: str) -> str:
    """Text that a YAML reader might take for something else gets quotes."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return quoted if quoted.isprintable() else "".join(map(_escaped, quoted))


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
