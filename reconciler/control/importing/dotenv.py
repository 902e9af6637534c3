"""Text of a .env file → variables, as Node's dotenv reads it: the last of a name counts, and a # ends what has no quotes."""

import re
from dataclasses import dataclass, field

_ASSIGNED = re.compile(r"[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|`[^`]*`", re.DOTALL)
_QUOTES = "\"'`"


@dataclass(frozen=True, slots=True)
class Dotenv:
    """cut: variables whose value a # ended without a blank before it. odd: numbers of lines that assign nothing."""

    values: dict[str, str] = field(repr=False)
    cut: tuple[str, ...] = ()
    odd: tuple[int, ...] = ()


def parse(text: str) -> Dotenv:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    values: dict[str, str] = {}
    cut: dict[str, bool] = {}
    odd: list[int] = []
    place = 0
    while place < len(text):
        found = _ASSIGNED.match(text, place)
        if found is None:
            end = _line_end(text, place)
            line = text[place:end].strip()
            if line and not line.startswith("#"):
                odd.append(text.count("\n", 0, place) + 1)
        else:
            quoted = _QUOTED.match(text, found.end())
            end = _line_end(text, found.end() if quoted is None else quoted.end())
            value = text[found.end() : end] if quoted is None else quoted[0]
            behind = "" if quoted is None else text[quoted.end() : end]
            values[found["name"]], cut[found["name"]] = _value(value, behind)
        place = end + 1
    return Dotenv(values, tuple(name for name, was in cut.items() if was), tuple(odd))


def _line_end(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end


def _value(written: str, behind: str) -> tuple[str, bool]:
    quote = written[:1]
    if quote and quote in _QUOTES and len(written) > 1 and written.endswith(quote) and _is_comment(behind):
        inner = written[1:-1]
        if quote == '"':
            inner = inner.replace("\\n", "\n").replace("\\r", "\r").replace('\\"', '"')
        return inner, False
    whole = written + behind
    before, mark, _ = whole.partition("#")
    return before.strip(), bool(mark) and bool(before) and not before[-1].isspace()


def _is_comment(behind: str) -> bool:
    return not behind.strip() or behind.lstrip().startswith("#")
