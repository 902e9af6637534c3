import asyncio
from contextlib import suppress

import pytest
from fakes.states import stored

from reconciler.bootstrap import exposure
from reconciler.bootstrap.acknowledgements import News
from reconciler.bootstrap.exposure import ClosedListener, is_exposed, require_keys
from reconciler.errors import Refused, StoreError
from reconciler.json_types import JsonObject
from reconciler.listener.sockets import Address
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.resources.state import State

SETTINGS = ResourceKey("Settings", "default", "default")


def state(data_plane: str | None, revision: int = 1) -> State:
    spec: JsonObject = {} if data_plane is None else {"auth": {"dataPlane": data_plane}}
    return State([stored(Resource(SETTINGS, spec))], revision=revision)


@pytest.mark.parametrize(
    ("host", "exposed"),
    [
        ("127.0.0.1", False),
        ("127.8.8.8", False),
        ("::1", False),
        ("0.0.0.0", True),
        ("::", True),
        ("192.168.1.2", True),
        ("fe80::1%eth0", True),
    ],
)
def test_who_can_reach_it(host: str, exposed: bool) -> None:
    address = Address(host, 1)
    assert is_exposed(address) is exposed
    require_keys(address, state("keys"))
    require_keys(address, state(None, revision=0))
    if not exposed:
        require_keys(address, state(None))


@pytest.mark.parametrize("said", [None, "none"])
def test_an_exposed_listener_without_keys_is_refused_with_the_ways_out(said: str | None) -> None:
    with pytest.raises(Refused) as refused:
        require_keys(Address("0.0.0.0", 8484), state(said))
    assert "0.0.0.0:8484" in refused.value.message
    assert "auth.dataPlane: keys" in (refused.value.hint or "")
    assert "--allow-unauthenticated" in (refused.value.hint or "")


class Moving:
    """A store that has another head at each look; then who looks is stopped."""

    def __init__(self, *states: State | None) -> None:
        self._states = list(states)
        self._now: State | None = None

    def head(self) -> int:
        if not self._states:
            raise asyncio.CancelledError
        self._now = self._states.pop(0)
        if self._now is None:
            raise StoreError("out of reach")
        return self._now.revision

    def state(self) -> State:
        assert self._now is not None
        return self._now


def test_it_is_said_when_an_exposed_listener_answers_nobody_and_when_it_does_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exposure, "_LOOK_SECONDS", 0.0)
    told: list[News] = []
    states = (state(None, 0), None, state(None, 1), state("keys", 2), state("keys", 2), state("none", 3))
    listener = ClosedListener(Address("0.0.0.0", 8484), Moving(*states), told.append)
    with suppress(asyncio.CancelledError):
        asyncio.run(listener.watch())
    assert [each.text.partition(":")[0] for each in told] == [
        "--listen 0.0.0.0",
        "keys are asked for",
        "--listen 0.0.0.0",
    ]
    assert "answers nobody (403) until the Settings say auth.dataPlane: keys" in told[0].text
    assert listener.problem == told[-1].text
