"""What holds for every history of applies on a real store."""

import json
from collections.abc import Mapping

import pytest
from fakes.workshop import UNGUARDED, Workshop, workshop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sizes import size
from strategies import Configuration, configurations, histories

from reconciler.json_types import JsonValue
from reconciler.resources.resource import ResourceKey
from reconciler.resources.state import State

pytestmark = pytest.mark.torture
LAW = settings(max_examples=size("HISTORIES"), deadline=None, suppress_health_check=[HealthCheck.too_slow])
ROUND_TRIP = settings(LAW, max_examples=size("ROUND_TRIPS"))
Written = Mapping[ResourceKey, tuple[JsonValue, JsonValue, JsonValue, list[str]]]


def apply_all(shop: Workshop, history: list[Configuration]) -> list[int]:
    """The head after each."""
    heads = []
    for configuration in history:
        shop.write("all.yaml", *configuration.values())
        heads.append(shop.apply(prune=True, guards=UNGUARDED).revision.number)
    return heads


def written(state: State) -> Written:
    """What people write of a state, and who owns what. Since when does not count."""
    return {
        key: (
            stored.resource.spec,
            dict(stored.resource.labels),
            dict(stored.resource.annotations),
            sorted(
                json.dumps([entry.manager, entry.operation, entry.fields], sort_keys=True)
                for entry in stored.managed_fields
            ),
        )
        for key, stored in state.items()
    }


@LAW
@given(histories().filter(any))
def test_after_an_apply_there_is_nothing_to_do(history: list[Configuration]) -> None:
    """Also where the manifests hold literal secrets."""
    with workshop() as shop:
        apply_all(shop, [each for each in history if each])
        proposal = shop.propose()
        assert proposal.plan.edits == ()
        assert proposal.entries == {}


@ROUND_TRIP
@given(configurations().filter(bool))
def test_what_was_exported_applies_to_no_change(configuration: Configuration) -> None:
    """At most ownership is written (`enabled` is always exported), and that makes no revision."""
    with workshop() as shop:
        shop.write("all.yaml", *configuration.values())
        head = shop.apply().revision.number
        (shop.folder / "all.yaml").write_text(shop.export())
        assert shop.propose().plan.changes == ()
        assert shop.apply().revision.number == head
        other = shop.apply(source="another")
        assert other.revision.number == head
        assert other.proposal.plan.changes == ()
        assert other.proposal.plan.conflicts == ()


@LAW
@given(st.data())
def test_a_rollback_restores_what_people_wrote_and_the_head_grows(data: st.DataObject) -> None:
    with workshop() as shop:
        heads = apply_all(shop, [each for each in data.draw(histories()) if each])
        head = shop.reader.head()
        target = data.draw(st.sampled_from([0, *heads])) if heads else 0
        before = written(shop.reader.state())
        done = shop.rollback(target)
        then = shop.reader.state_at(target)
        assert written(shop.reader.state()) == written(then)
        moved = {key: each[:3] for key, each in before.items()} != {
            key: each[:3] for key, each in written(then).items()
        }
        assert done.revision.number == head + moved
        assert shop.reader.head() == head + moved
        assert written(shop.reader.state_at(head)) == before or not moved
