from dataclasses import FrozenInstanceError

import pytest
from fakes.providers import NoAdapter

from reconciler.provider_types.base import Endpoint
from reconciler.resources.resource import ResourceKey
from reconciler.snapshot.model import (
    EMPTY_NAMESPACE,
    Candidate,
    Namespace,
    ServedModel,
    Snapshot,
    Timeouts,
    Upstream,
)

KEY = ResourceKey("Provider", "default", "far")


def served(name: str) -> ServedModel:
    return ServedModel(name, (), 0, {})


ANY, TEAM, EXACT = served("any"), served("team"), served("exact")
NAMESPACE = Namespace({"team/exact": EXACT}, (("team/", TEAM), ("", ANY)))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("team/exact", (EXACT, "")),
        ("team/other", (TEAM, "other")),
        ("team/", (TEAM, "")),
        ("else", (ANY, "else")),
    ],
)
def test_an_exact_name_beats_the_longest_prefix_beats_a_shorter_one(
    asked: str, found: tuple[ServedModel, str]
) -> None:
    assert NAMESPACE.find(asked) == found


def test_what_nothing_serves_is_not_found() -> None:
    assert Namespace({}, (("team/", TEAM),)).find("else") is None
    assert Snapshot(1, {"default": NAMESPACE}).namespace("team-a") is EMPTY_NAMESPACE
    assert Snapshot(1, {"default": NAMESPACE}).namespace("default") is NAMESPACE


def test_an_upstream_is_itself_alone_and_shows_no_secret() -> None:
    one = Upstream(KEY, "http", NoAdapter(), "print-of-a-secret", 3)
    assert one != Upstream(KEY, "http", one.adapter, "print-of-a-secret", 3)
    assert repr(one) == "<Upstream Provider/far built at revision 3>"


def test_a_snapshot_is_frozen() -> None:
    snapshot = Snapshot(1)
    with pytest.raises(FrozenInstanceError):
        snapshot.revision = 2  # type: ignore[misc]  # that it can't be is what is tested
    with pytest.raises(TypeError):
        snapshot.upstreams[KEY] = Upstream(KEY, "http", NoAdapter(), "", 1)  # type: ignore[index]  # as above


def test_a_stream_has_no_deadlines_of_its_own_where_none_are_named() -> None:
    timeouts = Timeouts(5, 100)
    assert (timeouts.first_byte, timeouts.idle) == (None, None)


def test_a_model_knows_whom_its_own_name_leads_to_and_which_endpoints_all_of_them_serve() -> None:
    some = frozenset({Endpoint.CHAT})
    upstreams = [
        Upstream(KEY._replace(name="a"), "http", NoAdapter(), "", 1),
        Upstream(KEY._replace(name="b"), "http", NoAdapter(), "", 1, some),
    ]
    timeouts = Timeouts(1.0, 2.0)
    model = ServedModel(
        "m",
        tuple(
            Candidate(each, each.key.name, "", name, timeouts)
            for each, name in zip(upstreams, ("up", None), strict=True)
        ),
        0,
        {},
    )
    assert [each.upstream_model for each in model.exact.candidates] == ["up", "m"]
    assert model.everywhere == some
    assert (ANY.exact.candidates, ANY.everywhere) == ((), frozenset())
