"""What the engine should do, told again in the fewest words: each resource is its fields, and each field has owners.

It knows no structure, no plan and no store, so that it can't share their mistakes. Values are texts and numbers only.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TypeAlias

Value: TypeAlias = str | int
Fields: TypeAlias = Mapping[str, Value]


@dataclass
class Thing:
    """A resource: field → (value, who owns it), and the source that it belongs to."""

    fields: dict[str, tuple[Value, frozenset[str]]] = field(default_factory=dict)
    source: str | None = None
    placed: bool = True
    """Whether it is known where its source declares it. Who inherits it has not said so yet."""
    finalizers: frozenset[str] = frozenset()
    marked: bool = False
    """It is being deleted: no apply sees it."""

    def owners(self) -> frozenset[str]:
        return frozenset().union(*(owners for _, owners in self.fields.values()))


@dataclass
class Model:
    """`sources` are the managers that declare; any other writes by hand."""

    sources: frozenset[str]
    things: dict[str, Thing] = field(default_factory=dict)

    def copy(self) -> "Model":
        return deepcopy(self)

    def values(self) -> dict[str, dict[str, Value]]:
        return {
            name: {each: value for each, (value, _) in thing.fields.items()}
            for name, thing in self.things.items()
        }

    def owners(self) -> set[tuple[str, str, str]]:
        """Each thing, field and owner."""
        return {
            (name, each, owner)
            for name, thing in self.things.items()
            for each, (_, owners) in thing.fields.items()
            for owner in owners
        }

    def conflicts(self, me: str, declared: Mapping[str, Fields]) -> set[tuple[str, str]]:
        return {
            (name, each)
            for name, fields in declared.items()
            if name in self.things and not self.things[name].marked
            for each, value in fields.items()
            if each in self.things[name].fields
            if self.things[name].fields[each][0] != value and self.things[name].fields[each][1] - {me}
        }

    def apply(self, me: str, declared: Mapping[str, Fields], *, prune: bool, whole: bool) -> None:
        """As if forced: who has no conflict needs no force. `whole`: all of the source was read, so that it gives up its
        share of what belongs to another one, too.
        """
        if prune:
            for name in [name for name in self.things if name not in declared]:
                if whole or (self.things[name].source == me and self.things[name].placed):
                    self._prune(me, name)
        for name, fields in declared.items():
            thing = self.things.setdefault(name, Thing(source=me))
            if thing.marked:
                continue
            for each, value in fields.items():
                old, owners = thing.fields.get(each, (value, frozenset()))
                thing.fields[each] = value, (owners | {me} if old == value else frozenset({me}))
            self._give_up(me, thing, keep=fields)
            if thing.source not in thing.owners():
                thing.source = me
            thing.placed = thing.placed or thing.source == me

    def _prune(self, me: str, name: str) -> None:
        thing = self.things[name]
        if thing.marked or (thing.source != me and me not in thing.owners()):
            return
        others = thing.owners() & (self.sources - {me})
        if not others:
            self.delete(name)
            return
        self._give_up(me, thing, keep={})
        if thing.source == me:
            thing.source, thing.placed = min(others), False

    @staticmethod
    def _give_up(me: str, thing: Thing, keep: Fields) -> None:
        """What only this one declared goes; what others own too stays theirs."""
        for each, (value, owners) in list(thing.fields.items()):
            if me in owners and each not in keep:
                if owners == {me}:
                    del thing.fields[each]
                else:
                    thing.fields[each] = value, owners - {me}

    def write(self, me: str, name: str, fields: Mapping[str, Value | None]) -> None:
        """By hand: a change takes the field from everybody, what stays as it is changes no owner. None removes it."""
        thing = self.things[name]
        for each, value in fields.items():
            if value is None:
                thing.fields.pop(each, None)
            elif each not in thing.fields or thing.fields[each][0] != value:
                thing.fields[each] = value, frozenset({me})

    def delete(self, name: str) -> None:
        if self.things[name].finalizers:
            self.things[name].marked = True
        else:
            del self.things[name]

    def finalize(self, name: str, finalizers: frozenset[str]) -> None:
        thing = self.things[name]
        thing.finalizers = finalizers
        if thing.marked and not finalizers:
            del self.things[name]

    def roll_back(self, then: "Model") -> None:
        """What was not there then goes as it can."""
        now, self.things = self.things, then.copy().things
        for name, thing in now.items():
            if name not in self.things and thing.finalizers:
                self.things[name] = thing
                thing.marked = True
