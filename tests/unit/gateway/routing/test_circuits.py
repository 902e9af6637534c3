from dataclasses import replace

import pytest
from fakes.serving import EchoAdapter, built

from reconciler.gateway.routing import circuits
from reconciler.gateway.routing.breaker import FORGOTTEN, SHORTEST, State, Wait
from reconciler.gateway.routing.circuits import RESET, WHOLE, Breakers, Change, Circuits, Fault, Standing
from reconciler.snapshot.model import Health

HEALTH = Health(failure_threshold=3, window=10.0, open_for=5.0)
OFF = replace(HEALTH, failure_threshold=0)
P = built("p", EchoAdapter("p"), "none")
Q = built("q", EchoAdapter("q"), "none")
BUSY = Fault("status 503")
DOWN = Fault("could not be reached", whole=True)


class Scene:
    def __init__(self) -> None:
        self.breakers = Breakers()
        self.now = 0.0

    @property
    def of_p(self) -> Circuits:
        return self.breakers.troubled[P]

    def fail(self, times: int = 3, model: str = "m", fault: Fault = BUSY, health: Health = HEALTH) -> None:
        for _ in range(times):
            self.breakers.failed(P, model, self.begin(model), self.now, health, fault)

    def begin(self, model: str = "m", health: Health = HEALTH) -> int:
        found = self.breakers.troubled.get(P)
        return 0 if found is None else found.begin(model, self.now, health)

    def succeed(self, model: str = "m") -> None:
        self.breakers.succeeded(P, model, self.begin(model), self.now, HEALTH)

    def wait(self, model: str = "m", health: Health = HEALTH) -> Wait | None:
        found = self.breakers.troubled.get(P)
        return None if found is None else found.wait(model, self.now, health)

    def states(self) -> dict[str, State]:
        return {each.model: each.state for each in self.breakers.standings(self.now)}

    def changes(self) -> list[tuple[str, bool, str]]:
        return [(each.model, each.well, each.why) for each in self.breakers.take_changes()]


def test_nothing_is_kept_of_a_provider_that_is_well() -> None:
    scene = Scene()
    scene.succeed()
    scene.breakers.abandoned(P, "m", 0)
    assert scene.breakers.troubled == {}
    assert scene.breakers.standings(0.0) == ()


def test_a_model_that_fails_leaves_the_others_alone() -> None:
    scene = Scene()
    scene.fail(model="crashed")
    assert scene.wait("crashed") == Wait(5.0)
    assert scene.wait("other") is None
    scene.fail(2, model="other")
    scene.succeed("other")
    scene.fail(2, model="other")
    assert scene.wait("other") is None
    assert scene.states() == {"crashed": State.OPEN, "other": State.CLOSED}
    assert scene.changes() == [("crashed", False, "status 503")]
    assert scene.changes() == []


def test_a_provider_that_can_not_be_reached_is_left_alone_whatever_is_asked_for() -> None:
    scene = Scene()
    scene.fail(2, model="a", fault=DOWN)
    scene.fail(1, model="b", fault=DOWN)
    assert scene.wait("c") == Wait(5.0)
    assert scene.states() == {WHOLE: State.OPEN}
    scene.now = 5.0
    scene.succeed("c")
    assert (scene.wait("a"), scene.states()) == (None, {WHOLE: State.CLOSED})
    assert scene.changes() == [(WHOLE, False, "could not be reached"), (WHOLE, True, "")]


def test_any_answer_shows_that_a_provider_can_be_reached() -> None:
    scene = Scene()
    scene.fail(fault=DOWN)
    scene.now = 5.0
    scene.fail(1)
    assert scene.states() == {WHOLE: State.CLOSED, "m": State.CLOSED}


def test_a_model_that_finds_out_stays_alone_where_the_provider_is_gone_meanwhile() -> None:
    scene = Scene()
    scene.fail()
    scene.now = 5.0
    scene.fail(1, fault=DOWN)
    assert scene.wait() == Wait(5.0)
    assert scene.states() == {WHOLE: State.CLOSED, "m": State.OPEN}


def test_who_began_before_it_opened_is_not_heard() -> None:
    scene = Scene()
    early = scene.begin()
    scene.fail()
    scene.breakers.succeeded(P, "m", early, 1.0, HEALTH)
    scene.now = 1.0
    assert scene.states() == {"m": State.OPEN}
    scene.now = 5.0
    probe = scene.begin()
    scene.breakers.failed(P, "m", early, 5.0, HEALTH, BUSY)
    scene.breakers.abandoned(P, "m", early)
    assert scene.wait() == Wait(SHORTEST)
    scene.breakers.succeeded(P, "m", probe, 5.0, HEALTH)
    assert scene.states() == {"m": State.CLOSED}


def test_one_try_a_second_for_all_models_together_until_one_is_answered() -> None:
    scene = Scene()
    for model in "abc":
        scene.fail(model=model)
    scene.breakers.pause = 2.0
    scene.now = 5.0
    first = scene.begin("a")
    assert scene.wait("b") == Wait(2.0)
    scene.breakers.failed(P, "a", first, 5.5, HEALTH, BUSY)
    scene.now = 6.0
    assert scene.wait("b") == Wait(1.0)
    scene.now = 7.0
    assert scene.wait("b") is None
    scene.succeed("b")
    assert scene.wait("c") is None


def test_a_client_that_leaves_says_nothing() -> None:
    scene = Scene()
    scene.fail()
    scene.now = 5.0
    scene.breakers.abandoned(P, "m", scene.begin())
    assert scene.wait() == Wait(1.0)
    scene.now = 6.0
    assert scene.wait() is None


def test_a_threshold_of_zero_is_off_also_for_what_is_open() -> None:
    scene = Scene()
    scene.fail(100, health=OFF)
    scene.fail(1, health=OFF, fault=Fault("status 429", retry_after=20, limited=True))
    assert scene.states() == {}
    scene.fail()
    assert scene.wait(health=OFF) is None
    scene.begin(health=OFF)
    assert scene.wait() is None
    assert scene.changes()[-1] == ("m", True, "failureThreshold is 0")


def test_a_rate_limit_is_no_news() -> None:
    scene = Scene()
    scene.fail(1, fault=Fault("status 429", retry_after=20, limited=True))
    assert scene.states() == {"m": State.LIMITED}
    scene.now = 20.0
    scene.begin()
    assert (scene.states(), scene.changes()) == ({"m": State.CLOSED}, [])


def test_there_are_only_so_many_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circuits, "MAX_MODELS", 2)
    scene = Scene()
    for model in "abc":
        scene.fail(model=model)
    assert set(scene.states()) == {"a", "b"}
    assert scene.wait("c") is None


def test_a_probe_says_that_it_is_unhealthy_and_that_it_is_well() -> None:
    scene = Scene()
    scene.breakers.judge(P, healthy=True, now=0.0)
    assert scene.breakers.troubled == {}
    scene.fail()
    scene.breakers.judge(P, healthy=False, now=1.0)
    scene.breakers.judge(P, healthy=False, now=2.0)
    assert scene.of_p.unhealthy
    scene.breakers.sweep(FORGOTTEN * 9)
    assert scene.of_p.unhealthy
    scene.breakers.judge(P, healthy=True, now=3.0)
    scene.now = 3.0
    assert not scene.of_p.unhealthy
    assert scene.states() == {"m": State.CLOSED}
    assert scene.changes() == [("m", False, "status 503"), ("m", True, "its probe is good")]


def test_what_a_probe_finds_well_again_starts_slowly() -> None:
    scene = Scene()
    for _ in range(2):
        scene.breakers.judge(P, healthy=False, now=0.0)
        scene.breakers.judge(P, healthy=True, now=0.0, slow_start=100.0)
    assert sum(scene.of_p.admits("m", 0.0) for _ in range(100)) == 10
    scene.breakers.sweep(50.0)
    assert sum(scene.of_p.admits("m", 50.0) for _ in range(100)) == 50
    scene.breakers.sweep(100.0)
    assert scene.breakers.troubled == {}


def test_a_reset_forgets_all() -> None:
    scene = Scene()
    scene.fail()
    scene.fail(fault=DOWN)
    scene.breakers.judge(P, healthy=False, now=0.0)
    scene.breakers.failed(Q, "m", 0, 0.0, HEALTH, BUSY)
    scene.breakers.reset(P.key, 1.0)
    assert scene.breakers.troubled.keys() == {Q}
    assert [each for each in scene.changes() if each[1]] == [(WHOLE, True, RESET), ("m", True, RESET)]


def test_circuits_outlive_what_leaves_the_build_and_end_with_it() -> None:
    scene, again = Scene(), replace(P, fingerprint="another")
    scene.breakers.keep([P, Q])
    scene.fail()
    scene.breakers.keep([P])
    assert scene.states() == {"m": State.OPEN}
    scene.breakers.keep([again])
    assert scene.breakers.troubled == {}
    scene.fail()
    assert scene.breakers.troubled == {}


def test_what_nothing_failed_at_of_late_is_forgotten() -> None:
    scene = Scene()
    scene.fail(1)
    scene.fail(1, fault=DOWN)
    scene.breakers.sweep(9.0)
    assert set(scene.states()) == {WHOLE, "m"}
    scene.now = 1.0
    scene.succeed()
    scene.breakers.sweep(20.0)
    assert scene.breakers.troubled == {}


def test_changes_are_called_out_and_told_of_their_provider() -> None:
    scene, called = Scene(), list[int]()
    scene.breakers.changed = lambda: called.append(1)
    scene.now = 4.0
    scene.fail()
    assert called == [1]
    assert scene.breakers.take_changes() == (Change(P.key, "m", False, "status 503", 4.0),)
    (standing,) = scene.breakers.standings(4.0)
    assert (standing.provider, standing.since, standing.next_try, standing.fault) == (
        P.key,
        4.0,
        9.0,
        "status 503",
    )


# --- of other workers -----------------------------------------------------------------------------------------------


def standing(model: str = "m", state: State = State.OPEN, next_try: float | None = 4.0) -> Standing:
    return Standing(P.key, model, state, -3.0, "status 503", next_try)


@pytest.mark.parametrize("model", ["m", WHOLE])
def test_what_another_worker_left_alone_is_left_alone_until_it_is_tried(model: str) -> None:
    scene = Scene()
    assert scene.breakers.take_over(P, standing(model), scene.now)
    assert scene.wait() == Wait(4.0)
    assert scene.changes() == [], "no news"
    scene.now = 4.0
    assert scene.states() == {model: State.HALF_OPEN}
    scene.succeed()
    assert scene.states() == {model: State.CLOSED}
    assert scene.changes() == [(model, True, "")]


def test_one_that_fails_again_opens_again() -> None:
    scene = Scene()
    scene.breakers.take_over(P, standing(), scene.now)
    scene.now = 5.0
    scene.fail(times=1)
    assert scene.wait() == Wait(5.0)


def test_a_rate_limit_is_taken_over_as_one() -> None:
    scene = Scene()
    assert scene.breakers.take_over(P, standing(state=State.LIMITED), scene.now)
    assert scene.wait() == Wait(4.0, limited=True)


def test_what_is_known_here_counts_and_so_does_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene()
    scene.fail(times=1)
    assert not scene.breakers.take_over(P, standing(), scene.now)
    assert not scene.breakers.take_over(P, standing("n", next_try=None), scene.now)
    monkeypatch.setattr(circuits, "MAX_MODELS", 1)
    assert not scene.breakers.take_over(P, standing("n"), scene.now)
    scene.breakers.keep([Q])
    assert not scene.breakers.take_over(P, standing(), scene.now)


def test_a_slow_start_is_told_as_such_until_it_is_over() -> None:
    scene = Scene()
    slow = replace(HEALTH, slow_start=10.0)
    scene.fail(health=slow)
    scene.now = 5.0
    scene.breakers.succeeded(P, "m", scene.begin(health=slow), scene.now, slow)
    assert scene.states() == {"m": State.SLOW_START}
    (told,) = scene.breakers.standings(scene.now)
    assert told.next_try is None
    scene.now = 15.0
    assert scene.states() == {"m": State.CLOSED}


def test_one_that_is_rate_limited_when_it_is_tried_is_told_when_it_is_asked_again() -> None:
    scene = Scene()
    scene.fail()
    scene.now = 5.0
    scene.fail(1, fault=Fault("status 429", retry_after=20, limited=True))
    assert scene.states() == {"m": State.LIMITED}
    assert scene.changes() == [("m", False, "status 503")]
    scene.now = 25.0
    scene.begin()
    assert scene.changes() == [("m", True, "")]
    scene.fail(1, fault=Fault("status 429", retry_after=20, limited=True))
    scene.now = 45.0
    scene.begin()
    assert scene.changes() == [], "a rate limit alone is no failure"


def test_a_verdict_of_before_a_reset_says_nothing_of_what_failed_after_it() -> None:
    scene = Scene()
    for _ in range(3):
        scene.fail()
        scene.now += 5.0
    before = scene.begin()
    scene.breakers.reset(P.key, scene.now)
    scene.fail()
    scene.now += 5.0
    scene.begin()
    scene.breakers.succeeded(P, "m", before, scene.now, HEALTH)
    assert scene.states() == {"m": State.HALF_OPEN}
