"""Types of fields that kinds and provider types share: what a manifest may write, and the value it stands for.

A type checks and describes; the specs themselves keep what was written. `canonical` gives the value that comparison
and ownership use, so that `90s`, `1m30s` and `90000` are one value.
"""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from reconciler.field_values import DURATION_TYPE, MAX_TEXT, SECRET_TYPE, milliseconds, moment
from reconciler.field_values import NAME_PATTERN as NAME_PATTERN  # noqa: PLC0414  who knows the types has it from here
from reconciler.json_types import MAX_SAFE_INTEGER, JsonValue

ENV_NAME_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]*$"
MONEY_PATTERN = r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?$"
SEALED_PATTERN = r"^(v-[A-Za-z0-9_-]{1,64}|s1-[A-Za-z0-9_-]{78,})$"
"""Of the vault, or sealed to a public key: s1- and 58 bytes or more as base64."""
MAX_SEALED = 88_000
SEALED_DESCRIPTION = (
    "The value encrypted: the text that `routerctl secret seal` prints (s1-...), or the id of a value in the vault "
    "(v-...)."
)
MAX_DESCRIPTION = 4096

_DURATION = re.compile(r"^([0-9]{1,5}(h|m|s|ms)){1,4}$")


def _check_duration(written: object) -> object:
    if isinstance(written, bool) or not isinstance(written, int | str):
        raise PydanticCustomError("duration", "expected a duration such as 90s, 250ms or 1h30m")
    if isinstance(written, int) and not 0 <= written <= MAX_SAFE_INTEGER:
        raise PydanticCustomError("duration", "a duration can't be negative")
    if isinstance(written, str) and not _DURATION.fullmatch(written):
        raise PydanticCustomError("duration", "expected a duration such as 90s, 250ms or 1h30m")
    return written


def _check_timeout(written: object) -> object:
    checked = _check_duration(written)
    if isinstance(checked, int) and checked < 1000:
        raise PydanticCustomError(
            "timeout",
            "{written} is {written} ms; write {written}s or {written}ms",
            {"written": checked},
        )
    if milliseconds(checked if isinstance(checked, int | str) else 0) == 0:
        raise PydanticCustomError(
            "timeout", "a timeout of zero would fail every request; leave the field out instead"
        )
    return checked


_DURATION_SCHEMA: dict[str, JsonValue] = {
    "anyOf": [
        {"type": "string", "pattern": r"^([0-9]{1,5}(h|m|s|ms)){1,4}$"},
        {"type": "integer", "minimum": 0},
    ],
    "x-routerctl-type": DURATION_TYPE,
}

Duration = Annotated[str | int, BeforeValidator(_check_duration), WithJsonSchema(_DURATION_SCHEMA)]
"""An integer is milliseconds, a string a Gateway API duration: `90s`, `250ms`, `1h30m`."""

Timeout = Annotated[
    str | int,
    BeforeValidator(_check_timeout),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^([0-9]{1,5}(h|m|s|ms)){1,4}$"},
                {"type": "integer", "minimum": 1000},
            ],
            "x-routerctl-type": DURATION_TYPE,
        }
    ),
]
"""A duration that is not zero; an integer below one second is taken for a slip (30 meant as seconds)."""


MOMENT_PATTERN = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})$"


def _check_moment(written: str) -> str:
    if moment(written) is None:
        raise PydanticCustomError(
            "moment", "expected a time as RFC 3339 has them, such as 2027-01-31T00:00:00Z"
        )
    return written


Moment = Annotated[str, StringConstraints(strict=True, pattern=MOMENT_PATTERN), AfterValidator(_check_moment)]


def _check_printable(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise PydanticCustomError("text", "expected printable text without surrounding blanks")
    return text


ObjectName = Annotated[str, StringConstraints(strict=True, pattern=NAME_PATTERN)]
"""The name of a resource, or a reference to one in the same namespace."""

ClientName = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=MAX_TEXT), AfterValidator(_check_printable)
]
"""What a client may ask for, or an upstream may call a model: printable text, slashes and colons included."""

Text = Annotated[str, StringConstraints(strict=True, max_length=MAX_DESCRIPTION)]
ShortText = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=MAX_TEXT), AfterValidator(_check_printable)
]

# --- secrets in a field -----------------------------------------------------------------------------------------


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class SecretKeyReference(_Strict):
    """One entry of a Secret in the same namespace."""

    name: ObjectName = Field(description="Name of the Secret.")
    key: str = Field(description="Key in its `data`.", min_length=1, max_length=253)


EnvName = Annotated[str, StringConstraints(strict=True, max_length=MAX_TEXT, pattern=ENV_NAME_PATTERN)]
"""The name of an environment variable, as shells take it."""


class ValueFrom(_Strict):
    """Where the value is read when a snapshot is compiled. Exactly one of the fields is given."""

    env: EnvName | None = Field(None, description="Environment variable of the gateway.")
    file: str | None = Field(None, description="Path of a file that the gateway may read.", min_length=1)
    secret: SecretKeyReference | None = Field(None, description="An entry of a Secret.")


class SecretReference(_Strict):
    """A secret that is not readable here: `valueFrom` names where it is, `sealed` holds it encrypted."""

    valueFrom: ValueFrom | None = Field(
        None, description="Read it from an environment variable, a file or a Secret."
    )
    sealed: str | None = Field(
        None, description=SEALED_DESCRIPTION, pattern=SEALED_PATTERN, max_length=MAX_SEALED
    )


def exactly_one(mapping: Mapping[object, object], names: tuple[str, ...], where: str) -> None:
    given = [name for name in names if mapping.get(name) is not None]
    if len(given) != 1:
        raise PydanticCustomError(
            "exactly_one",
            "expected exactly one of {names}{where}",
            {"names": ", ".join(names), "where": where},
        )


def check_secret_reference(written: object) -> object:
    """The shape of `{valueFrom: ...}` or `{sealed: ...}`: exactly one way to the value."""
    if isinstance(written, Mapping) and set(written) <= {"valueFrom", "sealed"}:
        exactly_one(written, ("valueFrom", "sealed"), "")
        source = written.get("valueFrom")
        if isinstance(source, Mapping) and set(source) <= {"env", "file", "secret"}:
            exactly_one(source, ("env", "file", "secret"), " in valueFrom")
    return written


def _secret_form(written: object) -> str | None:
    if isinstance(written, str):
        return "literal"
    return "reference" if isinstance(written, Mapping | SecretReference) else None


SecretField = Annotated[
    Annotated[str, StringConstraints(strict=True, min_length=1), Tag("literal")]
    | Annotated[SecretReference, BeforeValidator(check_secret_reference), Tag("reference")],
    Discriminator(
        _secret_form,
        custom_error_type="secret",
        custom_error_message="expected text, valueFrom or sealed",
    ),
    Field(json_schema_extra={"x-routerctl-type": SECRET_TYPE}),
]
"""A literal (moved to the vault when applied), `{valueFrom: ...}` or `{sealed: ...}`."""
