import logging
import socket
from contextlib import closing
from ipaddress import ip_address

import pytest

from reconciler.gateway.transport.egress import EgressGate, Listener, is_own, own_listeners
from reconciler.snapshot.egress import Egress, Place, egress_of_spec

GUARDED = Egress(guarded=True)
LOOPBACK = ip_address("127.0.0.1")


class Watching:
    def __init__(self) -> None:
        self.rechecked = 0

    def recheck(self) -> None:
        self.rechecked += 1


def test_another_policy_is_told_to_who_has_connections() -> None:
    gate, watching = EgressGate(), Watching()
    gate.watch(watching)
    gate.enforce(Egress())
    assert watching.rechecked == 0
    gate.enforce(GUARDED)
    gate.enforce(GUARDED)
    assert watching.rechecked == 1
    assert gate.denial(Place("a.b", 80), LOOPBACK) is not None


def test_who_is_gone_is_told_nothing() -> None:
    gate = EgressGate()
    gate.watch(Watching())
    gate.enforce(GUARDED)
    assert gate.policy == GUARDED


@pytest.mark.parametrize(
    ("bound", "asked", "own"),
    [
        (("127.0.0.1", 8484), ("127.0.0.1", 8484), True),
        (("127.0.0.1", 8484), ("::ffff:127.0.0.1", 8484), True),
        (("127.0.0.1", 8484), ("127.0.0.1", 8485), False),
        (("127.0.0.1", 8484), ("127.0.0.2", 8484), False),
        (("0.0.0.0", 8484), ("127.0.0.2", 8484), True),
        (("0.0.0.0", 8484), ("192.0.2.1", 8484), False),
        (("::", 8484), ("127.0.0.1", 8484), True),
    ],
)
def test_the_gateways_own_listeners_are_no_upstreams(
    bound: tuple[str, int], asked: tuple[str, int], *, own: bool
) -> None:
    gate = EgressGate(own_listeners([bound]))
    denial = gate.denial(Place("llm.lan", asked[1]), ip_address(asked[0]))
    assert (denial is not None and "this gateway itself" in str(denial)) == own


def test_whose_an_address_is() -> None:
    assert is_own(LOOPBACK)
    assert not is_own(ip_address("192.0.2.1"))
    assert not is_own(ip_address("2001:db8::1"))
    with closing(socket.socket()) as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        assert Listener(ip_address("0.0.0.0"), port).covers(LOOPBACK, port)


def test_a_refusal_is_logged_once_a_policy(caplog: pytest.LogCaptureFixture) -> None:
    gate = EgressGate()
    gate.enforce(GUARDED)
    denial = gate.denial(Place("llm.lan", 80), ip_address("10.0.0.5"))
    assert denial is not None
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert "add to spec.egress.allow" in str(gate.denied(denial))
        assert len(caplog.records) == 1
        assert caplog.messages[0].startswith("egress refused: llm.lan is at 10.0.0.5")
        gate.enforce(egress_of_spec({"egress": {"onlyAllowed": True}}, guarded=True))
        gate.denied(denial)
        assert len(caplog.records) == 2


def test_what_a_proxy_looks_up() -> None:
    gate = EgressGate()
    gate.enforce(GUARDED)
    assert gate.proxied_denial(Place("llm.lan", 80)) is None
    assert gate.proxied_denial(Place("10.0.0.5", 80)) is not None
