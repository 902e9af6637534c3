from collections.abc import Sequence

from fakes.store import SteppingClock

from reconciler.control.observed import Observed, latest, observe
from reconciler.control.serving import Serving
from reconciler.resources.resource import ResourceKey
from reconciler.store.observations import WHOLE, WorkerRow
from reconciler.store.transitions import RECOVERED, REFUSED, SERVING, Transition

KEY = ResourceKey("Provider", "default", "p")


def worker(
    name: str = "w", revision: int = 5, *refused: str, cause: str = "", started: float = 0
) -> WorkerRow:
    told = tuple((subject, "why") for subject in refused)
    return WorkerRow(name, 1, started, 0, revision, told, {}, {}, dict.fromkeys(refused, cause))


def at(
    time: float, reason: str, revision: int = 5, *, of: str = "w", subject: str = "", number: int = 1
) -> Transition:
    return Transition(time, of, reason, subject, revision, "", "", number)


def observed(*workers: WorkerRow, log: Sequence[Transition] = ()) -> Observed:
    return Observed(Serving(workers), log)


def test_since_when_all_serve_a_revision() -> None:
    log = [at(1, SERVING, 3), at(2, SERVING, 6), at(3, SERVING, 6, of="x"), at(9, SERVING, 6, of="gone")]
    both = observed(worker(revision=6), worker("x", 6), log=log)
    assert (both.served_since(3), both.served_since(4), both.served_since(7)) == (3, 3, None)
    assert both.served_since(4, [both.workers[0]]) == 2
    assert both.serves(6)
    assert observed(log=log).served_since(3) is None


def test_what_the_log_no_longer_reaches_back_to_has_no_time() -> None:
    log = [at(100, SERVING, 30, number=500), at(101, SERVING, 31, number=501)]
    assert observed(worker(revision=31, started=1), log=log).served_since(5) is None
    assert observed(worker(revision=31, started=1), log=log).served_since(31) == 101
    assert observed(worker(revision=31, started=100), log=log).served_since(5) == 100


def test_a_refusal_lasts_from_its_first_word_to_its_end() -> None:
    log = [at(1, REFUSED, subject=str(KEY)), at(2, REFUSED, subject=str(KEY))]
    refusing = worker("w", 5, str(KEY), cause="SecretError")
    (refusal,) = observed(refusing, log=log).refusals(KEY)
    assert (refusal.since, refusal.reason, refusal.of_references) == (1, "why", True)
    over = [*log, at(3, RECOVERED, subject=str(KEY))]
    assert observed(worker(), log=over).recovered(KEY, of_references=False) == 3
    assert observed(worker(), log=over).recovered(KEY, of_references=True) is None
    assert observed(refusing, log=[*over, at(4, REFUSED, subject=str(KEY))]).refusals(KEY)[0].since == 4
    assert observed(refusing).refusals(KEY)[0].since is None
    assert observed(refusing).refusals(KEY._replace(name="other")) == ()


def test_a_revision_that_is_refused_as_a_whole() -> None:
    refusing = observed(worker("w", 4, WHOLE))
    assert (refusing.refused_whole(5), refusing.refused_whole(4)) == ("why", None)


def test_the_latest_of_what_is_known_as_a_whole() -> None:
    assert latest(1.0, 3.0, 2.0) == 3.0
    assert latest(1.0, None) is None
    assert latest() is None


class FakeLog:
    def live(self, now: float) -> Sequence[WorkerRow]:
        return [worker(started=now)]

    def transitions(self, after: int = 0) -> Sequence[Transition]:
        return [at(7, SERVING, after + 5)]


def test_it_is_read_from_the_observations() -> None:
    assert observe(FakeLog(), SteppingClock()).served_since(5) == 7
