"""A plan as a file: what was reviewed, whole, so that it can be applied later and elsewhere without planning again.

The form is a JSON document (schemas/plan.json). It holds every write as the store will get it, what the writes were
planned from, and what they rely on. Secrets are in it as the vault holds them: sealed for their place with the store's
key. A checksum guards against accidents; who can write the file can write another checksum, so what it says is checked
like a manifest, and the file is worth as much trust as one.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import cast

from pydantic import ValidationError

from reconciler.control.plan.artefact_form import (
    FORMAT,
    BaseForm,
    BeforeForm,
    ContentForm,
    EditForm,
    EffectForm,
    FileForm,
    HoldForm,
    InputForm,
    KeyForm,
    ManagerForm,
    ReleaseForm,
    ReliedForm,
    SealForm,
    SourceForm,
    WaitingForm,
)
from reconciler.control.plan.effects import Effect, Impact
from reconciler.control.plan.model import Action, Change, Plan, Waiting
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource
from reconciler.store.canonical import canonical, sha256
from reconciler.store.records import Hold, VaultEntry

_MOST_PROBLEMS = 10
_PLAN_AGAIN = "make it with routerctl plan --out FILE"


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that the plan was made from. `path` is relative to the source's root where it lies below it."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Relied:
    """A resource that the plan refers to and does not change, as it stood."""

    key: ResourceKey
    uid: str
    resource_version: int


@dataclass(frozen=True, slots=True)
class Artefact:
    """`plan` is what is applied, against a store whose revision `plan.base` has `base_digest` (None: the empty store).

    names: of the source, one before a renaming included. declares: what the source declares, so that what is added
    below the scopes is seen; only where the plan prunes.
    """

    plan: Plan
    base_digest: str | None
    made: str
    program: str
    manager: str
    source: str | None = None
    names: tuple[str, ...] = ()
    commit: str | None = None
    dirty: bool = False
    scopes: tuple[str, ...] = ("",)
    prune: bool = False
    declares: tuple[ResourceKey, ...] = ()
    relies: tuple[Relied, ...] = ()
    seals: tuple[VaultEntry, ...] = ()
    holds: tuple[Hold, ...] = ()
    inputs: tuple[InputFile, ...] = ()
    impact: Impact = field(default_factory=Impact)


# -- writing -----------------------------------------------------------------------------------------------------------


def write(artefact: Artefact) -> str:
    """The file's text. The same artefact gives the same text."""
    return json.dumps(document(artefact), indent=2, ensure_ascii=False) + "\n"


def document(artefact: Artefact) -> JsonObject:
    """What the file holds."""
    plan = artefact.plan
    source = (
        SourceForm(
            name=artefact.source, names=[*artefact.names], commit=artefact.commit, dirty=artefact.dirty
        )
        if artefact.source is not None
        else None
    )
    file = FileForm(
        format=FORMAT,
        checksum="",
        program=artefact.program,
        made=artefact.made,
        base=BaseForm(revision=plan.base, digest=artefact.base_digest),
        manager=artefact.manager,
        source=source,
        scopes=[*artefact.scopes],
        prune=artefact.prune,
        inputs=[InputForm(**asdict(each)) for each in artefact.inputs],
        changes=[_edit(change) for change in plan.changes],
        claims=[_edit(change) for change in plan.claims],
        declares=[KeyForm(**key._asdict()) for key in artefact.declares],
        undeclared=[KeyForm(**key._asdict()) for key in plan.undeclared],
        waiting=[WaitingForm(**each.key._asdict(), reason=each.reason) for each in plan.waiting],
        relies=[
            ReliedForm(**each.key._asdict(), uid=each.uid, resource_version=each.resource_version)
            for each in artefact.relies
        ],
        seals=[_seal(entry) for entry in artefact.seals],
        holds=[
            HoldForm(**hold.key._asdict(), source=hold.source, declared=hold.declared, revision=hold.revision)
            for hold in artefact.holds
        ],
        releases=[ReleaseForm(**key._asdict(), source=source) for key, source in plan.releases],
        impact=[
            EffectForm(
                effect=each.word,
                namespace=each.namespace,
                subject=each.subject,
                before=[*each.before],
                after=[*each.after],
            )
            for each in artefact.impact.effects
        ],
    )
    told = cast("JsonObject", file.model_dump(by_alias=True))
    return {**told, "checksum": _checksum(told)}


def _checksum(document: JsonObject) -> str:
    return sha256(canonical({name: value for name, value in document.items() if name != "checksum"}))


def _edit(change: Change) -> EditForm:
    return EditForm(
        **change.key._asdict(),
        action=change.action.value,
        before=_before(change.before) if change.before is not None else None,
        after=_content(change.after) if change.after is not None else None,
        managed_fields=_managers(change.managed_fields),
        source=change.source,
        path=change.path,
    )


def _before(stored: StoredResource) -> BeforeForm:
    return BeforeForm(
        uid=stored.uid,
        generation=stored.generation,
        resource_version=stored.resource_version,
        creation_timestamp=stored.creation_timestamp,
        revision=stored.revision,
        content=_content(stored.resource),
        managed_fields=_managers(stored.managed_fields),
        source=stored.source,
        path=stored.path,
    )


def _content(resource: Resource) -> ContentForm:
    return ContentForm(
        labels=dict(resource.labels),
        annotations=dict(resource.annotations),
        finalizers=[*resource.finalizers],
        deletion_timestamp=resource.deletion_timestamp,
        spec={**resource.spec},
    )


def _managers(entries: Iterable[FieldManager]) -> list[ManagerForm]:
    return [ManagerForm(**{**asdict(entry), "fields": {**entry.fields}}) for entry in entries]


def _seal(entry: VaultEntry) -> SealForm:
    return SealForm(**{**asdict(entry), "ciphertext": entry.ciphertext.decode("ascii")})


# -- reading -----------------------------------------------------------------------------------------------------------


def read(text: str | bytes, name: str) -> Artefact:
    """Raises InvalidInput where the text is no plan, or not the one that was written. `name` is that of the file."""
    return read_document(_parsed(text, name), name)


def read_document(document: JsonObject, name: str) -> Artefact:
    """As `read`, of what stands in the text."""
    if document.get("format") != FORMAT:
        found = document.get("format")
        told = f'"{found}"' if isinstance(found, str) and found.startswith("routerctl.dev/plan") else "none"
        raise InvalidInput(
            f"{name} is no plan that can be read here: its format is {told}, not {FORMAT}", hint=_PLAN_AGAIN
        )
    if document.get("checksum") != _checksum(document):
        raise InvalidInput(
            f"{name} is not as it was written: its checksum differs",
            hint="plan again: a plan is applied as it was made, or not at all",
        )
    try:
        file = FileForm.model_validate(document)
    except ValidationError as error:
        places = [".".join(str(part) for part in item["loc"]) for item in error.errors()[:_MOST_PROBLEMS]]
        raise InvalidInput(f"{name} is no plan: {', '.join(places)}", hint=_PLAN_AGAIN) from None
    return _artefact(file)


def _parsed(text: str | bytes, name: str) -> JsonObject:
    try:
        document = json.loads(text, parse_float=_refused, parse_constant=_refused, object_pairs_hook=_once)
        canonical(document)
    except (ValueError, RecursionError, InvalidInput):
        document = None
    if not isinstance(document, dict):
        raise InvalidInput(f"{name} is no plan: it can't be read as JSON", hint=_PLAN_AGAIN)
    return document


def _refused(text: str) -> None:
    raise ValueError(text)


def _once(pairs: list[tuple[str, JsonValue]]) -> JsonObject:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _artefact(file: FileForm) -> Artefact:
    source = file.source
    return Artefact(
        plan=Plan(
            file.base.revision,
            tuple(_change(edit) for edit in file.changes),
            tuple(_change(edit) for edit in file.claims),
            undeclared=tuple(_key(each) for each in file.undeclared),
            waiting=tuple(Waiting(_key(each), each.reason) for each in file.waiting),
            releases=tuple((_key(each), each.source) for each in file.releases),
        ),
        base_digest=file.base.digest,
        made=file.made,
        program=file.program,
        manager=file.manager,
        source=source.name if source is not None else None,
        names=tuple(source.names) if source is not None else (),
        commit=source.commit if source is not None else None,
        dirty=source is not None and source.dirty,
        scopes=tuple(file.scopes),
        prune=file.prune,
        declares=tuple(_key(each) for each in file.declares),
        relies=tuple(Relied(_key(each), each.uid, each.resource_version) for each in file.relies),
        seals=tuple(_entry(each) for each in file.seals),
        holds=tuple(Hold(_key(each), each.source, each.declared, each.revision) for each in file.holds),
        inputs=tuple(InputFile(each.path, each.sha256) for each in file.inputs),
        impact=Impact(
            tuple(
                Effect(each.effect, each.namespace, each.subject, tuple(each.before), tuple(each.after))
                for each in file.impact
            )
        ),
    )


def _key(form: KeyForm) -> ResourceKey:
    return ResourceKey(form.kind, form.namespace, form.name)


def _change(edit: EditForm) -> Change:
    key, before = _key(edit), edit.before
    stored = (
        StoredResource(
            _resource(key, before.content),
            before.uid,
            before.generation,
            before.resource_version,
            before.creation_timestamp,
            before.revision,
            _field_managers(before.managed_fields),
            before.source,
            before.path,
        )
        if before is not None
        else None
    )
    return Change(
        Action(edit.action),
        key,
        stored,
        _resource(key, edit.after) if edit.after is not None else None,
        _field_managers(edit.managed_fields),
        edit.source,
        edit.path,
    )


def _resource(key: ResourceKey, content: ContentForm) -> Resource:
    return Resource(
        key,
        cast("JsonObject", content.spec),
        content.labels,
        content.annotations,
        tuple(sorted(content.finalizers)),
        content.deletion_timestamp,
    )


def _field_managers(forms: Iterable[ManagerForm]) -> tuple[FieldManager, ...]:
    return tuple(
        FieldManager(
            each.manager, each.operation, cast("JsonObject", each.fields), each.time, each.subresource
        )
        for each in forms
    )


def _entry(form: SealForm) -> VaultEntry:
    return VaultEntry(form.id, form.place, form.ciphertext.encode(), form.fingerprint, form.key_id)
