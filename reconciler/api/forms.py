"""Typed values → JSON → the same values, by their annotations: what travels is declared where the value is.

A dataclass or named tuple is an object by its fields' names, a set or tuple a list, an enum its value, bytes base64, a mapping whose
keys are no texts a list of pairs. JSON stays as it is. What is read is checked as strictly as it was written.
"""

import base64
import binascii
import types
from collections import abc
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from reconciler.control.manifest.document import Problem
from reconciler.control.outcome import Broken
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonValue
from reconciler.resources.resource import StoredResource
from reconciler.resources.state import State

T = TypeVar("T")

_Write = Callable[[Any], JsonValue]
_Read = Callable[[Any, str], Any]
_Form = tuple[_Write, _Read]
"""How a value of a type is written, and read at a path, for messages."""

_PLAIN = (bool, int, float, str)


class _Any:
    value: JsonValue


_WITHIN = {"JsonValue": object}
"""What stands inside JSON is JSON."""
_JSON = frozenset({object, Any, get_type_hints(_Any, localns=_WITHIN)["value"]})
_JSON_OBJECTS = frozenset({dict[str, object], Mapping[str, object]})
_SEQUENCES = (tuple, list, abc.Sequence, abc.Collection)


class NotThatForm(InvalidInput):
    """What came is not of the form that it should have."""

    def __init__(self, path: str, wanted: str) -> None:
        super().__init__(f"{path or 'the document'}: {wanted} is expected")


def to_json(value: object, form: object) -> JsonValue:
    """`form` is the value's annotation."""
    return _form(form)[0](value)


def from_json(document: JsonValue, form: type[T] | object, path: str = "") -> T:
    """Raises InvalidInput that names the place, and repeats nothing of what stands there."""
    return cast("T", _form(form)[1](document, path))


def _form(kind: object) -> _Form:
    try:
        return _known(kind)
    except TypeError as error:  # not hashable: an annotation with a list in it
        raise TypeError(f"no form for {kind}") from error


@cache
def _known(kind: object) -> _Form:
    if kind is None or kind is type(None):
        return (lambda _: None), _exactly_none
    if kind in _JSON:
        return (lambda value: cast("JsonValue", value)), (lambda value, _: value)
    if kind in _JSON_OBJECTS:
        return cast("_Write", dict), _of_type(dict)
    if kind in _PLAIN:
        return (lambda value: cast("JsonValue", value)), _of_type(cast("type", kind))
    if kind is bytes:
        return (lambda value: base64.b64encode(value).decode()), _bytes
    origin, arguments = get_origin(kind), get_args(kind)
    return _class(kind) if origin is None else _made_of(kind, origin, arguments)


def _made_of(kind: object, origin: object, arguments: tuple[object, ...]) -> _Form:
    """Of an annotation with others inside."""
    if origin is Literal:
        return (lambda value: cast("JsonValue", value)), _one_of(arguments)
    if origin in (Union, types.UnionType):
        return _optional(arguments)
    if origin in (frozenset, set):
        return _collection(arguments[0], cast("type", origin), ordered=False)
    if origin is tuple and arguments[-1] is not ...:
        return _tuple(arguments)
    if origin in _SEQUENCES:
        return _collection(arguments[0], tuple, ordered=True)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(arguments)
    raise TypeError(f"no form for {kind}")


def _class(kind: object) -> _Form:
    if kind is State:
        return _state()
    if kind is Broken:
        return _broken()
    if kind is datetime:
        return (lambda value: value.isoformat()), _parsed(datetime.fromisoformat, "a time")
    if kind is Path:
        return str, _parsed(Path, "a path")
    if isinstance(kind, type) and issubclass(kind, Enum):
        return (lambda value: value.value), _parsed(
            kind, f"one of {', '.join(str(each.value) for each in kind)}"
        )
    if isinstance(kind, type) and (is_dataclass(kind) or hasattr(kind, "_fields")):
        return _record(kind)
    raise TypeError(f"no form for {kind}")


def _record(kind: type) -> _Form:
    """Fields that no constructor takes are not told, nor those at their defaults."""
    hints = get_type_hints(kind, localns=_WITHIN)
    if is_dataclass(kind):
        told = {each.name: _default(each) for each in fields(kind) if each.init}
    else:
        defaults = cast("Any", kind)._field_defaults
        told = {name: defaults.get(name, MISSING) for name in cast("Any", kind)._fields}
    names = {camel(name): name for name in told}

    def write(value: object) -> JsonValue:
        return {
            shown: _form(hints[name])[0](held)
            for shown, name in names.items()
            for held in (getattr(value, name),)
            if told[name] is MISSING or held != told[name]
        }

    def read(document: object, path: str) -> object:
        if not isinstance(document, dict):
            raise NotThatForm(path, "an object")
        if unknown := sorted(set(document) - set(names)):
            raise InvalidInput(f"{_below(path, unknown[0])}: there is no such field")
        given = {names[shown]: (shown, held) for shown, held in document.items()}
        if missing := [camel(name) for name in told if told[name] is MISSING and name not in given]:
            raise InvalidInput(f"{_below(path, missing[0])}: is missing")
        return kind(
            **{
                name: _form(hints[name])[1](held, _below(path, shown))
                for name, (shown, held) in given.items()
            }
        )

    return write, read


def camel(name: str) -> str:
    """How a field is called in JSON."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _default(each: Any) -> object:
    if each.default_factory is not MISSING:
        return each.default_factory()
    return each.default


def _optional(kinds: Sequence[object]) -> _Form:
    """One type or none; of several, the values tell which."""
    others = [kind for kind in kinds if kind is not type(None)]
    if len(others) != 1:
        raise TypeError(f"no form for one of {others}")
    write, read = _form(others[0])
    return (lambda value: None if value is None else write(value)), (
        lambda value, path: None if value is None else read(value, path)
    )


def _collection(item: object, made: type, *, ordered: bool) -> _Form:
    write, read = _form(item)

    def written(values: Collection[object]) -> JsonValue:
        return [write(value) for value in (values if ordered else sorted(cast("Any", values)))]

    def read_all(document: object, path: str) -> object:
        if not isinstance(document, list):
            raise NotThatForm(path, "a list")
        return made(read(value, f"{path}[{at}]") for at, value in enumerate(document))

    return written, read_all


def _tuple(items: Sequence[object]) -> _Form:
    forms = [_form(item) for item in items]

    def read(document: object, path: str) -> object:
        if not isinstance(document, list) or len(document) != len(forms):
            raise NotThatForm(path, f"a list of {len(forms)}")
        return tuple(
            form[1](value, f"{path}[{at}]")
            for at, (form, value) in enumerate(zip(forms, document, strict=True))
        )

    return (lambda values: [form[0](value) for form, value in zip(forms, values, strict=True)]), read


def _mapping(arguments: Sequence[object]) -> _Form:
    if arguments[0] is not str:
        return _pairs(arguments)
    write, read = _form(arguments[1])

    def read_all(document: object, path: str) -> object:
        if not isinstance(document, dict):
            raise NotThatForm(path, "an object")
        return {name: read(value, _below(path, name)) for name, value in document.items()}

    return (lambda value: {name: write(held) for name, held in value.items()}), read_all


def _pairs(arguments: Sequence[object]) -> _Form:
    write, read = _tuple(arguments)

    def read_all(document: object, path: str) -> object:
        if not isinstance(document, list):
            raise NotThatForm(path, "a list of pairs")
        return dict(read(pair, f"{path}[{at}]") for at, pair in enumerate(document))

    return (lambda value: [write(pair) for pair in value.items()]), read_all


def _state() -> _Form:
    number, resources = _form(int), _collection(StoredResource, tuple, ordered=True)

    def read(document: object, path: str) -> State:
        if not isinstance(document, list) or len(document) != len((number, resources)):
            raise NotThatForm(path, "a revision and its resources")
        found = resources[1](document[1], f"{path}[1]")
        return State(found, revision=number[1](document[0], f"{path}[0]"))

    return (lambda state: [state.revision, resources[0](tuple(state.values()))]), read


def _broken() -> _Form:
    write, read = _collection(Problem, tuple, ordered=True)
    return (lambda error: write(error.problems)), (
        lambda document, path: Broken(read(document, path), stranded=True)
    )


def _parsed(parse: Callable[[Any], object], wanted: str) -> _Read:
    def read(document: object, path: str) -> object:
        try:
            return parse(document)
        except (ValueError, TypeError):
            raise NotThatForm(path, wanted) from None

    return read


def _of_type(kind: type) -> _Read:
    def read(document: object, path: str) -> object:
        fits = type(document) is kind or (kind is float and type(document) is int)
        if not fits:
            raise NotThatForm(path, _CALLED[kind])
        return kind(document)

    return read


_CALLED = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", dict: "an object"}


def _one_of(words: Sequence[object]) -> _Read:
    def read(document: object, path: str) -> object:
        if document not in words or isinstance(document, bool) != any(
            document is word for word in words if isinstance(word, bool)
        ):
            raise NotThatForm(path, f"one of {', '.join(map(str, words))}")
        return document

    return read


def _exactly_none(document: object, path: str) -> None:
    if document is not None:
        raise NotThatForm(path, "null")


def _bytes(document: object, path: str) -> bytes:
    try:
        return base64.b64decode(document if isinstance(document, str) else "*", validate=True)
    except binascii.Error:
        raise NotThatForm(path, "base64") from None


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
