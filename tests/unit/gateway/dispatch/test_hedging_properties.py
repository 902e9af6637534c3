"""Whatever two rivals do, in whatever order: one answer, one outcome, nothing left behind."""

from dataclasses import replace

from fakes.conversation import JSON
from fakes.happenings import Step, scripts, steered
from fakes.talks import Hall, asked, routed
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.gateway.dispatch.outcome import Ending
from reconciler.snapshot.model import Hedge, Policy

policies = st.builds(
    Policy,
    total=st.sampled_from([None, 2.5]),
    attempts=st.sampled_from([None, 1, 2]),
    hedge=st.just(Hedge(1.0, 100, "r")),
)


@settings(max_examples=400, deadline=None)
@given(scripts, policies, st.booleans(), st.booleans(), st.booleans())
def test_one_answer_and_one_outcome(
    script: list[Step], policy: Policy, stream: bool, drain: bool, hasty: bool
) -> None:
    hall = Hall()
    names = ("a", "b", "c")
    request = asked(hall, policy=policy, stream=stream)
    hall.begin(replace(request, candidates=tuple(routed(name, drain=drain) for name in names)))
    if hasty:
        hall.pass_time(1.0)
    for step in script:
        step(hall)
    steered("writable")(hall)
    hall.pass_time(1000.0)  # time alone ends what is still under way
    client, outcome = hall.client, hall.client.outcome
    assert client.bugs == []
    assert bool(client.ended) == (outcome.ending is not Ending.GONE)
    if client.ended:
        assert client.status == outcome.status
    assert len(hall.asked) == len(set(hall.asked)), "nobody is asked twice"
    assert [attempt.provider for attempt in outcome.attempts] == hall.asked
    if client.ended and outcome.ending is Ending.REFUSED:
        assert client.headers["x-routerctl-attempts"] == str(len(hall.asked))
    if policy.attempts is not None:
        assert len(hall.asked) <= policy.attempts
    assert outcome.seconds <= hall.alarms.time
    assert hall.alarms.at == {}, "an alarm is left"
    before = (client.body, client.status, client.ended)
    for exchange in hall.transports.exchanges:
        exchange.sink.whole(200, JSON, b"{}")
    assert (client.body, client.status, client.ended) == before
