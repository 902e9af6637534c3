from dataclasses import FrozenInstanceError

import pytest
from fakes.providers import NoAdapter

from reconciler.resources.resource import ResourceKey
from reconciler.snapshot.model import EMPTY_NAMESPACE, Namespace, ServedModel, Snapshot, Timeouts, Upstream

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


@pytest.mark.parametrize(
    ("timeouts", "silence", "next_byte"),
    [
        (Timeouts(5, 100), 100, None),
        (Timeouts(5, 100, first_byte=10), 100, None),
        (Timeouts(5, 100, idle=10), 100, 10),
        (Timeouts(5, 100, first_byte=300), 300, 100),
        (Timeouts(5, 100, first_byte=300, idle=400), 400, 400),
    ],
)
def test_how_long_a_silence_may_last(timeouts: Timeouts, silence: float, next_byte: float | None) -> None:
    assert (timeouts.silence, timeouts.next_byte) == (silence, next_byte)
