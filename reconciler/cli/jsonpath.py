r"""The part of kubectl's JSONPath that people use: {.a.b}, {.a[*].b}, {.a["b.c"]}, {.a.b\.c}, [0], [-1], {"\n"}.

A template is text with expressions between braces; without braces it is one expression.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from reconciler.errors import InvalidInput
from reconciler.json_types import JsonValue

_PART = re.compile(r"""\{((?:"[^"]*"|'[^']*'|[^{}"'])*)\}|([^{}]+)""")
_STEP = re.compile(
    r"""\.(?P<name>[A-Za-z_](?:[\w/-]|\\\.)*) | (?P<every>\.?\*)
        | \[(?:(?P<index>-?\d{1,9})|(?P<all>\*)|'(?P<single>[^']*)'|"(?P<double>[^"]*)")\]""",
    re.VERBOSE,
)
_QUOTED = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)')\s*""")
_ESCAPES = {r"\n": "\n", r"\t": "\t", r"\\": "\\"}
_HINT = "for example: jsonpath={.spec.config.baseURL} or jsonpath={.items[*].metadata.name}"

Path = Sequence[re.Match[str]]


def render(value: JsonValue, template: str) -> str:
    """The template with each expression replaced by what it picks, blanks between. Raises InvalidInput."""
    return "".join(
        part if isinstance(part, str) else " ".join(_shown(item) for item in _picked(value, part))
        for part in parse(template)
    )


def parse(template: str) -> list[str | Path]:
    """Texts, and the steps of expressions. Raises InvalidInput where it can't be read."""
    if "{" not in template and "}" not in template:
        return [_path(template)]
    parts: list[str | Path] = []
    position = 0
    while position < len(template):
        part = _PART.match(template, position)
        if part is None:
            raise _unreadable()
        parts.append(part[2] if part[2] is not None else _expression(part[1]))
        position = part.end()
    return parts


def _expression(text: str) -> str | Path:
    quoted = _QUOTED.fullmatch(text)
    if quoted is None:
        return _path(text.strip())
    literal = quoted[1] if quoted[1] is not None else quoted[2]
    return re.sub(r"\\[nt\\]", lambda escape: _ESCAPES[escape[0]], literal)


def _path(text: str) -> Path:
    if text in ("", ".", "$", "@"):
        return []
    path = text[1:] if text[0] in "$@" else text
    steps: list[re.Match[str]] = []
    position = 0
    while position < len(path):
        step = _STEP.match(path, position)
        if step is None:
            raise _unreadable()
        steps.append(step)
        position = step.end()
    return steps


def _unreadable() -> InvalidInput:
    return InvalidInput("the jsonpath expression can't be read", hint=_HINT)


def _picked(value: JsonValue, path: Path) -> Iterable[JsonValue]:
    found: Iterable[JsonValue] = [value]
    for step in path:
        found = list(_step(found, step))
    return found


def _step(values: Iterable[JsonValue], step: re.Match[str]) -> Iterator[JsonValue]:
    for value in values:
        if step["all"] or step["every"]:
            yield from value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
        elif step["index"] is not None:
            index = int(step["index"])
            if isinstance(value, list) and -len(value) <= index < len(value):
                yield value[index]
        else:
            name = _name(step)
            if isinstance(value, dict) and name in value:
                yield value[name]


def _name(step: re.Match[str]) -> str:
    if step["name"] is not None:
        return step["name"].replace("\\.", ".")
    return step["single"] if step["single"] is not None else step["double"]


def _shown(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
