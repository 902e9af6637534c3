"""Headers that a Binding adds to the requests that its provider gets: texts with placeholders, and no code in them.

    {model} {upstreamModel} {provider} {requestId}    what is asked for, what the provider calls it, who is asked, which request
    {header.NAME}                                     a header of the client's request
    {{ }}                                             the braces themselves

A text is cut into pieces once, when a snapshot is compiled. What a client says is put in as it is, and only where it is
plain: a header with a placeholder that stands for nothing is left out, and so is one whose value no header could hold.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from reconciler.json_types import JsonValue
from reconciler.protocol.header_names import CREDENTIALS, is_name

MODEL, UPSTREAM_MODEL, PROVIDER, REQUEST_ID = "model", "upstreamModel", "provider", "requestId"
PLACEHOLDERS = (MODEL, UPSTREAM_MODEL, PROVIDER, REQUEST_ID)
HEADER = "header."
"""What placeholders for a client's header begin with."""
MAX_TEMPLATE = 1024
MAX_PLACEHOLDERS = 4
MAX_VALUE = 1024
"""Characters that one placeholder may stand for. All of a header is below the 8 KiB that servers take."""

_PARTS = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_TEXT = re.compile(r"[\x20-\x7e]*")
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,1022}[\x21-\x7e])?")

Pieces: TypeAlias = tuple[str, ...]
"""Text and placeholder in turn, text first and last. Placeholders for headers are in lower case."""
Headers: TypeAlias = tuple[tuple[str, str], ...]


class Unreadable(ValueError):
    """Why a template can't be read. `words` name what is wrong and what would be right."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True, slots=True)
class HeaderTemplates:
    """Those of one Binding, by name in lower case. `reads` are the client's headers that they speak of, likewise."""

    templates: tuple[tuple[str, Pieces], ...]
    reads: frozenset[str]

    def headers(self, known: Mapping[str, str]) -> Headers:
        """`known` are the values of placeholders; one that it lacks stands for nothing."""
        return tuple(
            (name, value)
            for name, pieces in self.templates
            if (value := pieces[0] if len(pieces) == 1 else _filled(pieces, known)) is not None
        )


def header_templates(written: JsonValue) -> HeaderTemplates | None:
    """Of a Binding's `config.headers`, which was checked; None where there are none."""
    if not isinstance(written, dict) or not written:
        return None
    templates = tuple((name.lower(), pieces(str(text))) for name, text in written.items())
    return HeaderTemplates(templates, frozenset(_reads(templates)))


def with_headers(headers: Headers, own: Headers) -> Headers:
    """`own` instead of those with the same names. Names are in lower case."""
    names = {name for name, _ in own}
    return (*(each for each in headers if each[0] not in names), *own)


def pieces(template: str) -> Pieces:
    """Raises Unreadable."""
    if not template or len(template) > MAX_TEMPLATE or not _TEXT.fullmatch(template):
        raise Unreadable(f"is not printable ASCII of 1 to {MAX_TEMPLATE} characters")
    if template != template.strip():
        raise Unreadable("begins or ends with a blank, which a header can't keep")
    found, text, end = [], "", 0
    for part in _PARTS.finditer(template):
        text += template[end : part.start()]
        end = part.end()
        if part[1] is not None:
            found += [text, _placeholder(part[1])]
            text = ""
        elif len(part[0]) == 1:
            raise Unreadable("has a brace without its other; write {{ or }} for the brace itself")
        else:
            text += part[0][0]
    if len(found) > 2 * MAX_PLACEHOLDERS:
        raise Unreadable(f"has more than {MAX_PLACEHOLDERS} placeholders")
    return (*found, text + template[end:])


def _placeholder(written: str) -> str:
    if written in PLACEHOLDERS:
        return written
    name = written.removeprefix(HEADER)
    if name == written:
        known = ", ".join(f"{{{each}}}" for each in (*PLACEHOLDERS, f"{HEADER}NAME"))
        raise Unreadable(f'has the unknown placeholder "{{{written}}}"; there are {known}')
    if not is_name(name):
        raise Unreadable(f'has "{{{written}}}", which names no header that HTTP allows')
    if name.lower() in CREDENTIALS:
        raise Unreadable(f'has "{{{written}}}", which is the client\'s credential; no provider gets that')
    return HEADER + name.lower()


def _reads(templates: tuple[tuple[str, Pieces], ...]) -> Iterator[str]:
    for _, parts in templates:
        for placeholder in parts[1::2]:
            if placeholder.startswith(HEADER):
                yield placeholder.removeprefix(HEADER)


def _filled(parts: Pieces, known: Mapping[str, str]) -> str | None:
    filled = list(parts)
    for place in range(1, len(filled), 2):
        value = known.get(filled[place], "")
        if not _VALUE.fullmatch(value):
            return None
        filled[place] = value
    return "".join(filled)
