"""Random applies by several managers, prunes, writes by hand, rollbacks and crashes: the store is what a plain model says.

ROUTERCTL_TEST_STEPS and ROUTERCTL_TEST_EXAMPLES make it longer.
"""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import pytest
from fakes.by_hand import ADA, changed, merged, spec
from fakes.by_hand import written as by_hand
from fakes.model_of_ownership import Model, Value
from fakes.workshop import UNGUARDED, Workshop, model
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sizes import size

from reconciler.control.apply import FieldConflicts
from reconciler.resources.resource import ResourceKey, source_manager
from reconciler.resources.state import State
from reconciler.store.verify import verify

SOURCES = ("first", "second")
NAMES = ("a", "b", "c")
FIELDS: Mapping[str, tuple[Value, ...]] = {
    "displayName": ("one", "two"),
    "description": ("three", "four"),
    "contextWindow": (1000, 2000),
}

some_fields = st.dictionaries(st.sampled_from(sorted(FIELDS)), st.integers(0, 1), min_size=1).map(
    lambda chosen: {name: FIELDS[name][index] for name, index in chosen.items()}
)
declarations = st.dictionaries(st.sampled_from(NAMES), some_fields, max_size=3)
written = st.dictionaries(st.sampled_from(sorted(FIELDS)), st.none() | st.integers(0, 1), min_size=1).map(
    lambda chosen: {name: None if index is None else FIELDS[name][index] for name, index in chosen.items()}
)


class Engine(RuleBasedStateMachine):
    """`then` holds the model as it was at each revision."""

    @initialize()
    def begin(self) -> None:
        self.root = Path(mkdtemp())
        self.shop = Workshop(self.root)
        self.model = Model(frozenset(source_manager(name) for name in SOURCES))
        self.then = {0: self.model.copy()}

    def teardown(self) -> None:
        if hasattr(self, "shop"):
            self.shop.close()
            shutil.rmtree(self.root)

    @rule(source=st.sampled_from(SOURCES), declared=declarations, prune=st.booleans(), force=st.booleans())
    def apply(self, source: str, declared: dict[str, dict[str, Value]], *, prune: bool, force: bool) -> None:
        folder = self.shop.root / source
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        if not declared and not prune:
            return  # nothing was read: no apply
        if declared:
            self.shop.write(
                f"../{source}/a.yaml", *(model(name, **fields) for name, fields in declared.items())
            )
        want = replace(self.shop.wanted(folder, source=source, prune=prune, force=force), guards=UNGUARDED)
        me = source_manager(source)
        conflicts = self.model.conflicts(me, declared)
        if conflicts and not force:
            with pytest.raises(FieldConflicts):
                self.shop.apply_wanted(want)
            return
        self.model.apply(me, declared, prune=prune, whole="" in want.scopes)
        self.shop.apply_wanted(want)
        assert self.shop.propose(folder, source=source, prune=prune).plan.empty

    @precondition(lambda self: self.model.things)
    @rule(data=st.data(), fields=written)
    def write_by_hand(self, data: st.DataObject, fields: dict[str, Value | None]) -> None:
        name = data.draw(st.sampled_from(sorted(self.model.things)))
        self.model.write(ADA, name, fields)
        changed(self.shop, spec(**fields), ResourceKey("Model", "default", name))

    @rule(data=st.data())
    def rollback(self, data: st.DataObject) -> None:
        head = self.shop.reader.head()
        if head == 0:
            return
        number = data.draw(st.integers(1, head))
        self.shop.rollback(number)
        self.model.roll_back(self.then[number])

    @precondition(lambda self: self.model.things)
    @rule(data=st.data(), finalizers=st.frozensets(st.sampled_from(["a.b/c", "d"])))
    def finalize(self, data: st.DataObject, finalizers: frozenset[str]) -> None:
        name = data.draw(st.sampled_from(sorted(self.model.things)))
        thing = self.model.things[name]
        if thing.marked:
            finalizers &= thing.finalizers
        self.model.finalize(name, finalizers)
        rewrite = merged({"metadata": {"finalizers": [*finalizers] or None}})
        by_hand(self.shop, {ResourceKey("Model", "default", name): rewrite})

    @precondition(lambda self: self.model.things)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.model.things)))
        self.model.delete(name)
        by_hand(self.shop, {ResourceKey("Model", "default", name): None})

    @rule()
    def crash(self) -> None:
        """What lies on the disk while the store is open is what a crash leaves: nobody closes, nothing is flushed."""
        left = {file: file.read_bytes() for file in self.shop.root.glob("store.db*")}
        self.shop.close()
        for file, content in left.items():
            file.write_bytes(content)
        self.shop = Workshop(self.root)

    @invariant()
    def the_store_is_what_the_model_says(self) -> None:
        if not hasattr(self, "shop"):
            return
        state = self.shop.reader.state()
        self.then[state.revision] = (
            self.model.copy()
        )  # a change of owners alone belongs to the revision that stands
        assert {key.name: stored.resource.spec for key, stored in state.items()} == self.model.values()
        assert owners_in(state) == self.model.owners()
        assert endings_in(state) == endings_of(self.model)
        self._every_past_state_is_as_it_was()

    def _every_past_state_is_as_it_was(self) -> None:
        for number in list(self.then)[-3:]:
            past = self.shop.reader.state_at(number)
            assert {key.name: each.resource.spec for key, each in past.items()} == self.then[number].values()
            assert owners_in(past) == self.then[number].owners()
            assert endings_in(past) == endings_of(self.then[number])
        assert verify(self.shop.reader) == []


def owners_in(state: State) -> set[tuple[str, str, str]]:
    """Each resource, field and manager."""
    return {
        (key.name, name, entry.manager)
        for key, stored in state.items()
        for entry in stored.managed_fields
        for name in _spec_fields(entry.fields)
    }


def endings_in(state: State) -> dict[str, tuple[frozenset[str], bool]]:
    """The finalizers of each resource, and whether it is being deleted."""
    return {
        key.name: (frozenset(stored.resource.finalizers), stored.resource.terminating)
        for key, stored in state.items()
    }


def endings_of(model: Model) -> dict[str, tuple[frozenset[str], bool]]:
    return {name: (thing.finalizers, thing.marked) for name, thing in model.things.items()}


def _spec_fields(fields: Mapping[str, object]) -> list[str]:
    spec = fields.get("f:spec")
    return [name.removeprefix("f:") for name in spec if name != "."] if isinstance(spec, dict) else []


Engine.TestCase.settings = settings(
    max_examples=size("EXAMPLES"),
    stateful_step_count=size("STEPS"),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestEngine = pytest.mark.torture(Engine.TestCase)
