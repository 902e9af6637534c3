"""Whether a provider type of another package fits among ours: what all the rest relies on without asking again."""

import re
from collections.abc import Iterable, Iterator, Mapping

from reconciler.field_values import SECRET_TYPE
from reconciler.json_types import JsonObject, JsonValue
from reconciler.provider_types.base import ProviderType
from reconciler.provider_types.config import ProviderConfig

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST = 63


class Unfit(ValueError):
    """Why it does not fit, in words."""


def check_fits(row: object, name: str, ours: Iterable[ProviderType]) -> ProviderType:
    """`row`, as a ProviderType. Raises Unfit. It is asked for its schema, which may raise whatever it likes."""
    if not isinstance(row, ProviderType):
        raise Unfit(f"it is no ProviderType, but a {type(row).__name__}")
    if row.name != name:
        raise Unfit(f"its name is {row.name!r}, and its entry point is called {name!r}")
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise Unfit("its name is not made of lower-case letters and digits, with single hyphens between")
    if row.transport != "http":
        raise Unfit(
            f"its transport is {row.transport!r}; other packages have http alone, which heeds the egress policy"
        )
    config: object = row.config
    if not (isinstance(config, type) and issubclass(config, ProviderConfig)):
        raise Unfit("its config is no ProviderConfig")
    if config.model_config.get("extra") != "forbid" or config.model_config.get("frozen") is not True:
        raise Unfit("its config takes unknown fields, or can be changed; leave model_config as it is")
    if not callable(row.build):
        raise Unfit("its build can't be called")
    _check_fields(row, config.model_json_schema(), ours)
    return row


def _check_fields(row: ProviderType, schema: JsonObject, ours: Iterable[ProviderType]) -> None:
    fields = _properties(schema)
    if "baseURL" not in fields:
        raise Unfit("its config has no baseURL, by which egress and the hosts of Secrets go")
    bare = sorted(name for name, told in fields.items() if not _object(told).get("description"))
    if bare:
        raise Unfit(f"no description of {', '.join(bare)}, which explain shows")
    secrets = set(_secrets(fields, _object(schema.get("$defs"))))
    if secrets != set(row.secret_fields):
        raise Unfit(f"its secret_fields are not its secret fields: {', '.join(sorted(secrets)) or 'none'}")
    odd = sorted(set(row.in_place) - set(fields))
    if odd:
        raise Unfit(f"in_place names {', '.join(odd)}, which it does not have")
    meanings: dict[str, JsonValue] = {}
    for each in ours:
        known = each.config.model_json_schema()
        meanings |= {name: _meaning(told, known) for name, told in _properties(known).items()}
    own = {name: _meaning(told, schema) for name, told in fields.items()}
    other = sorted(name for name in own.keys() & meanings.keys() if own[name] != meanings[name])
    if other:
        raise Unfit(
            f"{', '.join(other)} is another field in routerctl's own types; use the field as it is there, or another name"
        )


def _meaning(told: JsonValue, schema: JsonObject) -> JsonValue:
    """A field's schema with what it refers to; without what is for people, and its default."""
    definitions = _object(schema.get("$defs"))

    def plain(value: JsonValue, depth: int) -> JsonValue:
        if isinstance(value, list):
            return [plain(each, depth) for each in value if each != _NULL]
        if not isinstance(value, dict):
            return value
        reference = value.get("$ref")
        if isinstance(reference, str) and depth:
            return plain(
                {**_object(definitions.get(reference.rsplit("/", 1)[1])), **value, "$ref": None}, depth - 1
            )
        alternatives = plain(value.get("anyOf"), depth)
        if isinstance(alternatives, list) and len(alternatives) == 1:  # it may be left out
            value = {**value, **_object(alternatives[0]), "anyOf": None}
        return {
            name: plain(each, depth)
            for name, each in value.items()
            if name not in _FOR_PEOPLE and each is not None
        }

    return plain(told, 8)


_NULL: JsonObject = {"type": "null"}
_FOR_PEOPLE = frozenset({"default", "description", "examples", "title", "$ref"})


def _secrets(fields: Mapping[str, JsonValue], definitions: JsonObject, at: str = "") -> Iterator[str]:
    for name, told in fields.items():
        for form in _forms(told, definitions):
            if form.get("x-routerctl-type") == SECRET_TYPE:
                yield at + name
                break
            if at.count(".") < 4:
                yield from _secrets(_properties(form), definitions, f"{at}{name}.")


def _forms(told: JsonValue, definitions: JsonObject) -> Iterator[JsonObject]:
    """The schema of a field, and its alternatives."""
    schema = _object(told)
    reference = schema.get("$ref")
    if isinstance(reference, str):
        schema = {**_object(definitions.get(reference.rsplit("/", 1)[1])), **schema}
    yield schema
    for word in ("anyOf", "oneOf", "allOf"):
        alternatives = schema.get(word)
        for each in alternatives if isinstance(alternatives, list) else ():
            inner = _object(each)
            reference = inner.get("$ref")
            yield (
                _object(definitions.get(reference.rsplit("/", 1)[1])) if isinstance(reference, str) else inner
            )


def _properties(schema: JsonObject) -> JsonObject:
    return _object(schema.get("properties"))


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}
