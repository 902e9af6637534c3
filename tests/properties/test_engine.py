"""Random applies by several managers, prunes, writes by hand, rollbacks and crashes: the store is what a plain model says.

ROUTERCTL_TEST_STEPS and ROUTERCTL_TEST_EXAMPLES make it longer.
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import pytest
from fakes.by_hand import ADA, changed, spec
from fakes.model_of_ownership import Model, Thing, Value
from fakes.workshop import UNGUARDED, Workshop, model
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from reconciler.control.apply import FieldConflicts
from reconciler.control.plan.model import content_of
from reconciler.resources.resource import ResourceKey, source_manager
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
        self.model = self._stored_model()
        assert self.model.values() == self.then[number].values()

    def _stored_model(self) -> Model:
        """As the store has it: who came to own a field that nobody changed is no part of a revision, and is not undone."""
        made = Model(self.model.sources)
        for key, stored in self.shop.reader.state().items():
            thing = made.things[key.name] = Thing(
                source=source_manager(stored.source or ""), placed=stored.path is not None
            )
            owned = [(entry.manager, set(_spec_fields(entry.fields))) for entry in stored.managed_fields]
            for name, value in stored.resource.spec.items():
                assert isinstance(value, str | int)
                thing.fields[name] = value, frozenset(owner for owner, names in owned if name in names)
        return made

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
        self.then[state.revision] = self.model.copy()  # a change of owners alone makes no revision
        assert {key.name: stored.resource.spec for key, stored in state.items()} == self.model.values()
        for key, stored in state.items():
            owners = {
                (entry.manager, name)
                for entry in stored.managed_fields
                for name in _spec_fields(entry.fields)
            }
            thing = self.model.things[key.name]
            assert owners == {(owner, name) for name, (_, each) in thing.fields.items() for owner in each}, (
                content_of(stored.resource)
            )

    @invariant()
    def every_past_state_is_as_it_was(self) -> None:
        if not hasattr(self, "shop"):
            return
        for number in list(self.then)[-3:]:
            past = self.shop.reader.state_at(number)
            assert {key.name: each.resource.spec for key, each in past.items()} == self.then[number].values()
        assert verify(self.shop.reader) == []


def _spec_fields(fields: Mapping[str, object]) -> list[str]:
    spec = fields.get("f:spec")
    return [name.removeprefix("f:") for name in spec if name != "."] if isinstance(spec, dict) else []


Engine.TestCase.settings = settings(
    max_examples=int(os.environ.get("ROUTERCTL_TEST_EXAMPLES", "25")),
    stateful_step_count=int(os.environ.get("ROUTERCTL_TEST_STEPS", "20")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestEngine = Engine.TestCase
