"""YAML that is no manifest of ours → JSON. Fractions are their text, merge keys (<<) are followed, a key given twice counts
as its last one.
"""

from dataclasses import dataclass
from itertools import islice

from ruamel.yaml.events import ScalarEvent

from reconciler.control.manifest.constructor import Construction, UnusableDocumentError, construct
from reconciler.control.manifest.events import YamlSyntaxError, events
from reconciler.control.manifest.limits import MAX_DOCUMENT_BYTES
from reconciler.control.manifest.reader import pieces
from reconciler.control.manifest.scalars import MERGE_KEY, UnusableScalarError, number
from reconciler.control.manifest.syntax import explain
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue

_MOST_DOCUMENTS = 1000


@dataclass(slots=True)
class _Foreign(Construction):
    def odd_key(self, event: ScalarEvent, key: str, mapping: JsonObject) -> None:
        """Nothing is odd: others take such keys."""

    def number(self, event: ScalarEvent, container: object, key: str | None) -> JsonValue:
        """`container` and `key` are the place of a fault, and there is none."""
        del container, key
        try:
            return number(event.value)
        except UnusableScalarError:
            return str(event.value)


def read_foreign(content: bytes, name: str) -> JsonObject:
    """The mapping of the one document. Raises InvalidInput, which names the place and repeats nothing."""
    documents = read_foreign_documents(content, name)
    if len(documents) > 1:
        raise InvalidInput(f"{name} holds several documents", hint="give a file for each")
    if not documents:
        raise InvalidInput(f"{name} is no mapping of fields", hint="is it the right file?")
    return documents[0]


def read_foreign_documents(content: bytes, name: str) -> list[JsonObject]:
    """The mapping of each document. Raises as above."""
    if len(content) > MAX_DOCUMENT_BYTES:
        raise InvalidInput(
            f"{name} is larger than {MAX_DOCUMENT_BYTES // 1024} KiB", hint="give a part of it"
        )
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise InvalidInput(f"{name} is not UTF-8", hint="save it as UTF-8") from None
    found: list[JsonObject] = []
    line = 0
    for place, piece in enumerate(islice(pieces(text.encode()), _MOST_DOCUMENTS)):
        if piece.removeprefix(b"---").strip():
            data = _constructed(piece.decode(), name, line)
            if data is None and place:
                continue  # nothing but comments
            if not isinstance(data, dict):
                raise InvalidInput(f"{name} is no mapping of fields", hint="is it the right file?")
            merged = _merged(data)
            found.append(merged if isinstance(merged, dict) else {})
        line += piece.count(b"\n")
    return found


def _constructed(text: str, name: str, before: int) -> JsonValue:
    """before: how many lines stand before it in the file."""
    construction = _Foreign()
    try:
        construct(events(text), construction)
    except UnusableDocumentError:
        pass
    except YamlSyntaxError as error:
        line, column, message, hint = explain(error, text)
        raise InvalidInput(f"{name}:{before + line}:{column}: {message}", hint=hint) from None
    if construction.faults:
        line, column, _, message, hint, _ = construction.faults[0]
        raise InvalidInput(f"{name}:{before + line}:{column}: {message}", hint=hint)
    return construction.root[0] if construction.root else None


def _merged(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return [_merged(item) for item in value]
    if not isinstance(value, dict):
        return value
    own = {key: _merged(item) for key, item in value.items() if key != MERGE_KEY}
    bases = value.get(MERGE_KEY)
    result: JsonObject = {}
    for base in reversed(bases if isinstance(bases, list) else [bases]):
        merged = _merged(base)
        result.update(merged if isinstance(merged, dict) else {})
    return {**result, **own}
