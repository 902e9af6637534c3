"""Bodies that people send, read field by field: what is not known is refused with the field that was probably meant."""

from collections.abc import Collection, Iterable, Mapping

from reconciler.control.manifest.printable import printable
from reconciler.control.manifest.suggestions import suggestion
from reconciler.errors import InvalidInput, Refused
from reconciler.json_types import JsonObject, JsonValue

_LONGEST = 64


class InvalidField(InvalidInput):
    """One field of a body that can't be used."""

    def __init__(self, field: str, message: str, *, hint: str | None = None) -> None:
        super().__init__(f"{field}: {message}", hint=hint)
        cause: JsonObject = {"field": field, "detail": message}
        self.causes: tuple[JsonObject, ...] = ({**cause, "hint": hint} if hint is not None else cause,)


class Depended(Refused):
    """What others stand on can't go."""

    def __init__(self, message: str, causes: Iterable[JsonObject], *, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.causes = tuple(causes)


def check_fields(body: JsonObject, known: Collection[str], *, hint: str = "") -> None:
    """Raises InvalidField for one that is not known."""
    for name in body:
        if name not in known:
            close = suggestion(name, sorted(known))
            told = (
                f"did you mean {close}?"
                if close is not None
                else hint or f"known here: {', '.join(sorted(known))}"
            )
            raise InvalidField(printable(name)[:_LONGEST], "is no field of this", hint=told)


def text(body: JsonObject, name: str) -> str | None:
    """None where it is not there, or null."""
    return optional_text(name, body.get(name))


def optional_text(name: str, value: JsonValue) -> str | None:
    if value is not None and not isinstance(value, str):
        raise InvalidField(name, "is a text")
    return value


def required_text(body: JsonObject, name: str) -> str:
    found = text(body, name)
    if not found:
        raise InvalidField(name, "is needed")
    return found


def yes_no(body: JsonObject, name: str) -> bool | None:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise InvalidField(name, "is true or false")
    return value


def object_of(body: JsonObject, name: str) -> JsonObject | None:
    value = body.get(name)
    if value is not None and not isinstance(value, dict):
        raise InvalidField(name, "is an object")
    return value


def without_shown(whole: JsonObject, body: JsonObject, shown: Mapping[str, str]) -> JsonObject:
    """`body` without what only stands for a field that is not there: its name for a display name, an empty list.

    So what was read can be sent back, and changes nothing. `shown` are fields of the spec, with those of the body.
    """
    spec, metadata = object_of(whole, "spec") or {}, object_of(whole, "metadata") or {}
    stand_ins: tuple[JsonValue, ...] = (metadata.get("name"), [])
    gone = {name for field, name in shown.items() if field not in spec and body.get(name) in stand_ins}
    return {name: value for name, value in body.items() if name not in gone}
