"""Random changes by hand and applies of several sources, against a model of who owns what: no field is lost silently."""

from collections.abc import Mapping

from fakes.states import after, intent
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from reconciler.control.imperative.changes import changes_of
from reconciler.control.nothing import NoRecords
from reconciler.control.ownership.field_set import from_fields_v1
from reconciler.control.patch.merge_patch import merge_patch
from reconciler.control.plan.differ import owned_content, plan
from reconciler.control.plan.model import content_of
from reconciler.control.seal import Sealer
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.resources.scheme import with_defaults
from reconciler.resources.state import State

KEY = ResourceKey("Provider", "default", "p")
NAMES = ("description", "enabled", "priority", "text", "team", "tier")
"""Of fields: text is one of config, team and tier are labels, the others stand in spec."""
DEFAULTS: Mapping[str, JsonValue] = {"enabled": True, "priority": 0}
VALUES: Mapping[str, st.SearchStrategy[JsonValue]] = {
    "description": st.sampled_from(["a", "b"]),
    "enabled": st.booleans(),
    "priority": st.sampled_from([0, 1, 2]),
    "text": st.sampled_from(["a", "b"]),
    "team": st.sampled_from(["a", "b"]),
    "tier": st.sampled_from(["a", "b"]),
}
SOURCES = st.sampled_from(["one", "two"])
PEOPLE = st.sampled_from(["cli:ada", "cli:bob"])
FIELDS = st.fixed_dictionaries({}, optional=dict(VALUES))
PATCHES = st.fixed_dictionaries({}, optional={name: st.none() | values for name, values in VALUES.items()})


def content(fields: Mapping[str, JsonValue]) -> JsonObject:
    """An object of the fields, or a patch of them."""
    labels: JsonObject = {name: fields[name] for name in ("team", "tier") if name in fields}
    spec: JsonObject = {
        name: fields[name] for name in ("description", "enabled", "priority") if name in fields
    }
    config: JsonObject = {"text": fields["text"]} if "text" in fields else {}
    return {"metadata": {"labels": labels}, "spec": {**spec, "config": config}}


def resource(fields: Mapping[str, JsonValue]) -> Resource:
    labels = {name: str(fields[name]) for name in ("team", "tier") if name in fields}
    spec = content(fields)["spec"]
    assert isinstance(spec, dict)
    return Resource(KEY, {"type": "simulator", **spec}, labels)


def fields_of(stored: StoredResource) -> dict[str, JsonValue]:
    """What people wrote of it, without defaults."""
    whole = owned_content(stored)
    found: dict[str, JsonValue] = {}
    for part in (("spec",), ("spec", "config"), ("metadata", "labels")):
        value: JsonValue = whole
        for name in part:
            value = value.get(name) if isinstance(value, dict) else None
        found |= {name: value[name] for name in NAMES if isinstance(value, dict) and name in value}
    return found


def owners_of(stored: StoredResource) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for entry in stored.managed_fields:
        for path in from_fields_v1(entry.fields):
            if path[-1][1] in NAMES:
                found.setdefault(path[-1][1], set()).add(entry.manager)
    return found


class ByHandAndBySources(RuleBasedStateMachine):
    """The first apply makes the resource; nobody deletes it, and all declare its type."""

    def __init__(self) -> None:
        super().__init__()
        self.state = after(State(), plan(intent({KEY: resource({})}, source="base"), State(), now="t").edits)
        self.values: dict[str, JsonValue] = {}
        self.owners: dict[str, set[str]] = {}
        self.clock = 0

    def now(self) -> str:
        self.clock += 1
        return f"2026-01-01T00:00:{self.clock:02}Z"

    @rule(source=SOURCES, declared=FIELDS, force=st.booleans())
    def apply(self, source: str, declared: dict[str, JsonValue], *, force: bool) -> None:
        me = f"git:{source}"
        against = {
            name
            for name, value in declared.items()
            if name in self.values and self.values[name] != value and self.owners[name] - {me}
        }
        made = plan(intent({KEY: resource(declared)}, source=source, force=force), self.state, now=self.now())
        conflicts = {item.field.rpartition(".")[2] for each in made.conflicts for item in each.fields}
        assert conflicts == (set() if force else against)
        self.state = after(self.state, made.edits)
        if conflicts:
            return
        for name in [name for name, owners in self.owners.items() if me in owners and name not in declared]:
            self.owners[name].discard(me)
            if not self.owners[name]:
                del self.owners[name], self.values[name]
        for name, value in declared.items():
            others = self.owners.get(name, set()) if self.values.get(name) == value else set()
            self.values[name], self.owners[name] = value, others | {me}

    @rule(person=PEOPLE, patch=PATCHES)
    def change_by_hand(self, person: str, patch: dict[str, JsonValue]) -> None:
        changes = changes_of(
            {KEY: lambda whole: merge_patch(whole, content(patch))},
            self.state,
            Sealer(NoRecords(), None),
            manager=person,
            now=self.now(),
        )
        self.state = after(self.state, changes)
        if not self.differs(patch):
            return  # a write that changes nothing changes no owner either
        for name, value in patch.items():
            if value is None:
                self.values.pop(name, None)
                self.owners.pop(name, None)
            elif self.values.get(name, DEFAULTS.get(name)) != value:
                self.values[name], self.owners[name] = value, {person}

    def differs(self, patch: dict[str, JsonValue]) -> bool:
        """A default takes the place of what is removed."""
        live = {**DEFAULTS, **self.values}
        return any(
            live.get(name) != (DEFAULTS.get(name) if value is None else value)
            for name, value in patch.items()
        )

    @invariant()
    def every_field_is_there_with_its_owners(self) -> None:
        stored = self.state[KEY]
        assert fields_of(stored) == self.values
        assert owners_of(stored) == self.owners

    @invariant()
    def what_nobody_declares_is_a_default(self) -> None:
        stored = self.state[KEY]
        spec = content_of(stored.resource)["spec"]
        assert isinstance(spec, dict)
        config = resource(self.values)
        assert spec == with_defaults("Provider", config.spec)
        assert stored.resource.labels == config.labels


ByHandAndBySources.TestCase.settings = settings(max_examples=40, stateful_step_count=12, deadline=None)
TestByHandAndBySources = ByHandAndBySources.TestCase
