"""kind Secret: named values that Providers refer to."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from reconciler.field_types import MAX_SEALED, SEALED_DESCRIPTION, SEALED_PATTERN, EnvName, exactly_one
from reconciler.field_values import SECRET_TYPE
from reconciler.resources.meta import Strict

_FORMS = ("value", "sealed", "valueFrom")
_WAYS = ("env", "file")


class SecretValueFrom(Strict):
    """Where the value is read when a snapshot is compiled."""

    env: EnvName | None = Field(None, description="Environment variable of the gateway.")
    file: str | None = Field(None, description="Path of a file that the gateway may read.", min_length=1)


class SecretEntry(Strict):
    """One value: written here, sealed, or read from elsewhere."""

    value: str | None = Field(
        None, description="The value itself; moved to the vault when applied.", min_length=1
    )
    sealed: str | None = Field(
        None, description=SEALED_DESCRIPTION, pattern=SEALED_PATTERN, max_length=MAX_SEALED
    )
    valueFrom: SecretValueFrom | None = Field(
        None, description="Read it from an environment variable or a file."
    )


def _check_entry(written: object) -> object:
    if isinstance(written, str):
        raise PydanticCustomError(
            "secret_entry", "expected a mapping; write {value: ...}, {sealed: ...} or {valueFrom: ...}"
        )
    if isinstance(written, Mapping) and set(written) <= set(_FORMS):
        exactly_one(written, _FORMS, "")
        source = written.get("valueFrom")
        if isinstance(source, Mapping) and set(source) <= set(_WAYS):
            exactly_one(source, _WAYS, " in valueFrom")
    return written


Entry = Annotated[
    SecretEntry, BeforeValidator(_check_entry), Field(json_schema_extra={"x-routerctl-type": SECRET_TYPE})
]
ENTRY_KEY_PATTERN = r"^[A-Za-z0-9._-]{1,253}$"
HOST_PATTERN = r"^([A-Za-z0-9._-]{1,253}|\[?[A-Fa-f0-9.]*:[A-Fa-f0-9.]*:[A-Fa-f0-9.:]*\]?)$"
EntryKey = Annotated[str, StringConstraints(strict=True, pattern=ENTRY_KEY_PATTERN)]
Host = Annotated[str, StringConstraints(strict=True, pattern=HOST_PATTERN)]
"""A name or an address; one colon alone would begin a port, which a host does not have."""


class SecretSpec(Strict):
    """Values and the hosts that they may be sent to."""

    hosts: list[Host] | None = Field(
        None,
        description="Hosts that the values may go to (no port); they count where the one source that declares the "
        "value, or somebody at this machine, alone writes them. Empty: to Providers whose baseURL, tls and "
        "reference are written so.",
        max_length=256,
    )
    data: dict[EntryKey, Entry] = Field(description="The values by name.", min_length=1)
