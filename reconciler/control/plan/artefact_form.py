"""The form of a plan as a file: each field with what it means. schemas/plan.json is made of it."""

import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

FORMAT: Literal["routerctl.dev/plan.v1"] = "routerctl.dev/plan.v1"
FILE_NAME = "plan.json"
"""Of its schema."""
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Form(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
        alias_generator=to_camel,
        populate_by_name=True,
    )


class KeyForm(_Form):
    kind: str
    namespace: str
    name: str


class ManagerForm(_Form):
    manager: str
    operation: Literal["Apply", "Update"]
    fields: dict[str, object] = Field(description="Kubernetes' FieldsV1.")
    time: str
    subresource: str = ""


class ContentForm(_Form):
    labels: dict[str, str]
    annotations: dict[str, str]
    finalizers: list[str] = []
    deletion_timestamp: str | None = Field(None, description="Of what is being deleted: since when.")
    spec: dict[str, object] = Field(
        description="With defaults; of secrets the references or {sealed: v-...}."
    )


class BeforeForm(_Form):
    uid: str
    generation: int
    resource_version: int
    creation_timestamp: str
    revision: int
    content: ContentForm
    managed_fields: list[ManagerForm]
    source: str | None
    path: str | None


class EditForm(KeyForm):
    action: Literal["create", "update", "delete"]
    before: BeforeForm | None = Field(description="As it was planned from; null for what is created.")
    after: ContentForm | None = Field(description="As it will be; null for what is deleted.")
    managed_fields: list[ManagerForm] = Field(description="Who declares which fields afterwards.")
    source: str | None
    path: str | None


class ReliedForm(KeyForm):
    uid: str
    resource_version: int


class SealForm(_Form):
    id: str
    place: str = Field(description="namespace/kind/name/field; it opens nowhere else.")
    ciphertext: Annotated[str, Field(pattern="^[A-Za-z0-9_=-]+$")] = Field(
        description="Sealed with the store's key."
    )
    fingerprint: str
    key_id: str


class HoldForm(KeyForm):
    source: str
    declared: str | None
    revision: int


class ReleaseForm(KeyForm):
    source: str


class WaitingForm(KeyForm):
    reason: str


class InputForm(_Form):
    path: str
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class BaseForm(_Form):
    revision: Annotated[int, Field(ge=0)] = Field(description="0: an empty store.")
    digest: str | None = Field(description="Of that revision; the store must have it in its history.")


class SourceForm(_Form):
    name: str
    names: list[str] = Field(description="With the one that it had before, where the plan renames it.")
    commit: str | None = Field(description="Of the git checkout.")
    dirty: bool = Field(description="Whether the checkout held more than the commit.")


class EffectForm(_Form):
    effect: str
    namespace: str
    subject: str
    before: list[str]
    after: list[str]


class FileForm(_Form):
    """A plan that `routerctl plan` wrote, and that `routerctl apply --plan` applies."""

    format: Literal["routerctl.dev/plan.v1"]
    checksum: str = Field(description="sha256: over the RFC 8785 form of the document without this field.")
    program: str = Field(description="The version of routerctl that made it.")
    made: str
    base: BaseForm
    manager: str = Field(description="The field manager in whose name it is applied.")
    source: SourceForm | None
    scopes: list[str] = Field(description="The paths that were read, from the source's root.")
    prune: bool
    inputs: list[InputForm] = Field(description="The files that were read.")
    changes: list[EditForm] = Field(description="What is written and makes the revision, in this order.")
    claims: list[EditForm] = Field(description="Changes of ownership or path alone.")
    declares: list[KeyForm] = Field(description="With prune: all that the source declares.")
    undeclared: list[KeyForm] = Field(description="What it no longer declares, and what stays.")
    waiting: list[WaitingForm] = Field([], description="What is left alone for now, and why.")
    relies: list[ReliedForm] = Field(description="What is referred to and must not have moved.")
    seals: list[SealForm] = Field(description="New secret values, as the vault will hold them.")
    holds: list[HoldForm]
    releases: list[ReleaseForm] = Field(description="What rollbacks hold and this ends.")
    impact: list[EffectForm] = Field(description="What it means for traffic.")


def schema() -> str:
    """The JSON Schema of the file, as text."""
    found = _untitled(FileForm.model_json_schema(by_alias=True))
    return json.dumps({"$schema": _DIALECT, "title": "Plan", **found}, indent=2, ensure_ascii=False) + "\n"


def _untitled(schema: dict[str, object]) -> dict[str, object]:
    """Generated titles say nothing."""
    return {
        name: _untitled(value) if isinstance(value, dict) else value
        for name, value in schema.items()
        if name != "title"
    }
