"""The tools of a request, and the values of their arguments: from the text that a model wrote to JSON, and back."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from reconciler.protocol.tool_xml.elements import Elements, Found, Verdict
from reconciler.protocol.tool_xml.schema import Schema, Schemas, kind_of

CDATA, CDATA_END = "<![CDATA[", "]]>"
ITEM = "item"
"""What an item of a list is called, where a model writes one as elements."""

_TAG = re.compile(r"[A-Za-z0-9_.:@$-]{1,128}")
_END = b"$"
_DEPTH = 16


class Call(NamedTuple):
    """`arguments` is JSON as a text, of an object."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Tool:
    """`schema` is that of its parameters, `tags` are those of them by the bytes of their names: whether one may stand twice."""

    name: str
    description: str
    schema: Schema
    schemas: Schemas = field(repr=False, compare=False)
    parameters: Mapping[str, Schema]
    tags: Mapping[bytes, bool]

    @property
    def as_json(self) -> bool:
        """Whether its arguments have to be written as one JSON object: not all of them have a name that a tag can have."""
        declared = self.schemas.resolved(self.schema)
        if not self.parameters:
            return bool(declared) and "properties" not in declared
        return len(self.tags) < len(self.parameters)

    @property
    def required(self) -> frozenset[str]:
        named = self.schemas.resolved(self.schema).get("required")
        return (
            frozenset(name for name in named if isinstance(name, str))
            if isinstance(named, list)
            else frozenset()
        )

    def read(self, found: list[Found]) -> Call:
        """A call with these arguments, which are `tags`."""
        return Call(self.name, _object_text(self.schemas, self.parameters, found, _DEPTH))

    def written(self, arguments: Mapping[str, object]) -> str:
        """A call, as the model is told to write it."""
        tags = {name.decode() for name in self.tags}
        if self.as_json or not tags >= arguments.keys():
            return written_as_json(self.name, json.dumps(arguments))
        lines = [f"<{name}>{self._value(name, value)}</{name}>" for name, value in arguments.items()]
        return "\n".join((f"<{self.name}>", *lines, f"</{self.name}>"))

    def _value(self, name: str, value: object) -> str:
        kinds = self.schemas.kinds(self.parameters[name])
        if not isinstance(value, str):
            return _as_json(json.dumps(value))
        if "string" not in kinds:
            return _as_json(json.dumps(value))
        plain = "<" not in value and value == value.strip() and value and "\r" not in value
        return value if plain and _json_of(value, kinds) is None else cdata(value)


def tool(name: str, description: str, schema: Schema) -> Tool:
    schemas = Schemas(schema)
    parameters = schemas.properties(schema)
    return Tool(name, description, schema, schemas, parameters, _tags(schemas, parameters))


def is_tag(name: str) -> bool:
    return _TAG.fullmatch(name) is not None


def cdata(text: str) -> str:
    """A text in which nothing has a meaning. What would end it is parted between two sections."""
    return f"{CDATA}{text.replace(CDATA_END, f']]{CDATA_END}{CDATA}>')}{CDATA_END}"


def written_as_json(name: str, arguments: str) -> str:
    return f"<{name}>{_as_json(arguments)}</{name}>"


def _as_json(text: str) -> str:
    """In JSON, `<` stands in strings only, where it has another spelling; so nothing in there can be taken for a tag."""
    return text.replace("<", "\\u003c")


def _object_text(schemas: Schemas, properties: Mapping[str, Schema], found: list[Found], depth: int) -> str:
    values: dict[str, list[Found]] = {}
    for each in found:
        values.setdefault(each.name.decode(), []).append(each)
    members = [
        f"{json.dumps(name)}: {_member(schemas, properties[name], written, depth)}"
        for name, written in values.items()
    ]
    return f"{{{', '.join(members)}}}"


def _member(schemas: Schemas, schema: Schema, written: list[Found], depth: int) -> str:
    """A list may be written as JSON, as elements called `item`, or as several elements, each of them an item or more."""
    kinds = schemas.kinds(schema)
    if not _repeats(kinds):
        return _text(schemas, schema, written[0], depth)
    items: list[str] = []
    for each in written:
        text = _decoded(each.value).strip()
        listed = _json(text)
        value = listed[1] if listed is not None else _nested(schemas, schema, each.value, depth)
        whole = value is not None and (listed is None or listed[0] in kinds)
        if value is not None and whole and len(written) == 1:
            return value
        if value is not None and value.startswith("["):
            items += [inner] if (inner := value[1:-1].strip()) else []
        elif text:
            items.append(_text(schemas, schemas.items(schema), each, depth - 1))
    return f"[{', '.join(items)}]"


def _text(schemas: Schemas, schema: Schema, found: Found, depth: int) -> str:
    """The value as JSON. What is none of the kinds that it should be is told as it is: whoever runs the tool can say so."""
    kinds = schemas.kinds(schema)
    text = _decoded(found.value)
    if "string" in kinds and (found.verbatim or kinds == {"string"}):
        return json.dumps(text if found.verbatim else _unwrapped(text))
    value = _json_of(text, kinds)
    if value is None and depth > 0:
        value = _nested(schemas, schema, found.value, depth)
    return json.dumps(_unwrapped(text)) if value is None else value


def _json_of(text: str, kinds: frozenset[str]) -> str | None:
    """The text itself, where it is JSON of one of these kinds, or where no text is expected at all. A text is
    written as it is, so it is never one of those.
    """
    text = text.strip()
    if "boolean" in kinds and text.lower() in ("true", "false"):
        return text.lower()
    read = _json(text)
    if read is None:
        return None
    kind, value = read
    return value if "string" not in kinds or (kind in kinds and kind != "string") else None


def _json(text: str) -> tuple[str, str] | None:
    """Of which kind it is, and the text."""
    try:
        value = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    return kind_of(value), text


def json_object(text: bytes) -> str | None:
    """The arguments of a call that were written as one; None for anything else."""
    read = _json(_decoded(text).strip())
    return read[1] if read is not None and read[0] == "object" else None


def _nested(schemas: Schemas, schema: Schema, text: bytes, depth: int) -> str | None:
    """An object or a list that was written as elements; None where it was not."""
    kinds = schemas.kinds(schema)
    if "object" in kinds:
        properties = schemas.properties(schema)
        found = _children(text, _tags(schemas, properties))
        if found:
            return _object_text(schemas, properties, found, depth - 1)
    if "array" in kinds:
        found = _children(text, {ITEM.encode(): True})
        items = schemas.items(schema)
        if found:
            return f"[{', '.join(_text(schemas, items, each, depth - 1) for each in found)}]"
    return None


def _tags(schemas: Schemas, properties: Mapping[str, Schema]) -> dict[bytes, bool]:
    return {name.encode(): _repeats(schemas.kinds(part)) for name, part in properties.items() if is_tag(name)}


def _repeats(kinds: frozenset[str]) -> bool:
    """A list may be written as several elements, unless one of them alone might be meant as a text."""
    return "array" in kinds and "string" not in kinds


def _children(text: bytes, tags: Mapping[bytes, bool]) -> list[Found] | None:
    whole = bytearray(text + b"</%b>" % _END)
    elements = Elements(0, tags, _END)
    done = elements.go_on(whole, len(whole)) is Verdict.DONE and elements.at == len(whole)
    return elements.found if done else None


def _decoded(value: bytes) -> str:
    return value.decode("utf-8", "surrogatepass")


def _unwrapped(text: str) -> str:
    """Without the line breaks that models put around a long text."""
    return text.removeprefix("\r").removeprefix("\n").removesuffix("\n").removesuffix("\r")


def _no_number(name: str) -> object:
    raise ValueError(name)
