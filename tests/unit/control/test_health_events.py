import json
from itertools import count
from typing import get_args

from reconciler.control.health_events import DEFAULT, EVENTS, Event, body_of, events, messages, troubles
from reconciler.resources.health_webhook import Event as EventName
from reconciler.store.health import CircuitRow, HealthRows, ProbeRow
from reconciler.store.observations import STARTING, WHOLE, WorkerRow
from reconciler.store.webhook import Trouble

UNHEALTHY = Trouble("unhealthy", "Provider/a")
CIRCUIT = Trouble("circuit", "Provider/team-a/b", "m")
REFUSED = Trouble("refused", "Provider/c")


def worker(revision: int = 7, *refused: tuple[str, str]) -> WorkerRow:
    return WorkerRow("w", 1, 0.0, 0.0, revision, refused)


def probe(*, healthy: bool) -> ProbeRow:
    return ProbeRow("Provider/a", healthy, 0.0, 0.0, "" if healthy else "status 500")


def circuit(instance: str, state: str, model: str = "m") -> CircuitRow:
    return CircuitRow(instance, "Provider/team-a/b", model, state, 0.0, "no answer")  # type: ignore[arg-type]  # one of its words


def test_what_is_wrong_is_what_any_live_worker_says() -> None:
    circuits = (
        circuit("1", "open"),
        circuit("2", "rate-limited"),
        circuit("2", "closed", "x"),
        circuit("1", "slow-start", "y"),
    )
    health = HealthRows(circuits, {"Provider/a": probe(healthy=False)}, "1")
    refusing = worker(7, ("Provider/c", "no key"), (WHOLE, "all of it"))
    assert troubles([refusing, worker()], health, ()) == {
        CIRCUIT: "no answer",
        UNHEALTHY: "status 500",
        REFUSED: "no key",
    }
    assert troubles([worker()], HealthRows((), {"Provider/a": probe(healthy=True)}, "1"), [UNHEALTHY]) == {}


def test_while_nobody_says_anything_all_is_as_it_was() -> None:
    assert troubles([], HealthRows(), [CIRCUIT]) is None
    assert troubles([worker(STARTING)], HealthRows(), [CIRCUIT]) is None
    assert troubles([worker()], HealthRows(), [CIRCUIT, UNHEALTHY]) == {UNHEALTHY: ""}


def test_what_began_and_what_ended_is_an_event() -> None:
    now = {CIRCUIT: "no answer", REFUSED: "no key"}
    assert [*events(now, [UNHEALTHY, REFUSED])] == [
        Event("healthy", UNHEALTHY),
        Event("circuit-opened", CIRCUIT, "no answer"),
    ]
    assert [*events({}, [CIRCUIT, REFUSED])] == [
        Event("circuit-closed", CIRCUIT),
        Event("recovered", REFUSED),
    ]


def test_the_names_are_those_of_the_settings() -> None:
    assert set(EVENTS.values()) == set(get_args(EventName))
    assert set(DEFAULT) <= set(EVENTS.values())


def test_only_those_that_are_wanted_are_told() -> None:
    found = [Event("circuit-opened", CIRCUIT, 'said "no"'), Event("recovered", REFUSED)]
    (told,) = messages(found, DEFAULT, 0.0, (f"msg_{each}" for each in count()), 7)
    assert (told.id, told.attempts) == ("msg_0", 0)
    assert json.loads(told.body) == {
        "type": "provider.circuit-opened",
        "timestamp": "1970-01-01T00:00:00Z",
        "data": {"provider": "b", "namespace": "team-a", "model": "m", "reason": 'said "no"', "revision": 7},
    }
    assert json.loads(body_of(found[1], 0.0, 7))["data"] == {
        "provider": "c", "namespace": "default", "model": None, "reason": "", "revision": 7
    }  # fmt: skip
