"""Among thousands of providers, a revision that changes one builds that one, and touches nothing of the others.

ROUTERCTL_TEST_RESOURCES sets how many there are.
"""

from collections.abc import Iterator, Mapping

import pytest
from fakes.providers import PlainBuilder
from fakes.states import after, planned
from fakes.workshop import binding, model, simulator
from sizes import size

from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.resources.state import State
from reconciler.snapshot import compile as compiler
from reconciler.snapshot.compile import EMPTY, Built, Resources
from reconciler.snapshot.model import Upstream

pytestmark = pytest.mark.torture
MANY = size("RESOURCES")


class Counted(str):
    """A name that counts how often it is compared."""

    __slots__ = ("compared",)
    compared: int

    def __eq__(self, other: object) -> bool:
        self.compared = getattr(self, "compared", 0) + 1
        return super().__eq__(other)

    def __hash__(self) -> int:
        return super().__hash__()


class Builder(PlainBuilder):
    """Looks at nothing but the provider: there are no Secrets, and looking for them would take long."""

    def build(self, provider: StoredResource, resources: Resources, previous: Upstream | None) -> Built:
        del resources
        return super().build(provider, {}, previous)


def resources() -> Iterator[Resource]:
    for number in range(MANY):
        yield simulator(f"p-{number}", text="one")
        yield model(f"m-{number}")
        yield binding(f"b-{number}", f"m-{number}", f"p-{number}")


@pytest.fixture(scope="module")
def declared() -> Mapping[ResourceKey, Resource]:
    return {each.key: each for each in resources()}


@pytest.fixture(scope="module")
def stored(declared: Mapping[ResourceKey, Resource]) -> State:
    return after(State(), planned(declared, State()).edits)


def test_the_others_are_the_very_same_objects(
    declared: Mapping[ResourceKey, Resource], stored: State
) -> None:
    builder = Builder()
    first = compiler.compile(EMPTY, stored.items(), 1, builder)
    assert len(builder.built) == MANY
    builder.built.clear()
    one = ResourceKey("Provider", "default", f"p-{MANY // 2}")
    changed = after(stored, planned({**declared, one: simulator(one.name, text="two")}, stored).edits)
    second = compiler.compile(first, [(one, changed[one])], 2, builder)
    assert builder.built == [one.name]
    before, now = first.snapshot, second.snapshot
    assert {key for key, upstream in now.upstreams.items() if upstream is not before.upstreams[key]} == {one}
    models = before.namespace("default").models
    assert {name for name, model in now.namespace("default").models.items() if model is not models[name]} == {
        f"m-{MANY // 2}"
    }


def test_a_name_is_found_without_looking_at_the_others(stored: State) -> None:
    namespace = compiler.compile(EMPTY, stored.items(), 1, Builder()).snapshot.namespace("default")
    for number in range(0, MANY, MANY // 50):
        asked = Counted(f"m-{number}")
        assert namespace.find(asked) is not None
        assert 1 <= asked.compared <= 3
