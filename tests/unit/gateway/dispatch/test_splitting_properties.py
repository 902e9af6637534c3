"""Whatever becomes of the parts, in whatever order: one answer, one outcome, nothing left behind."""

import json
from dataclasses import replace

from fakes.conversation import JSON
from fakes.happenings import Step, of_attempt, scripts, steered
from fakes.talks import Hall, asked, routed
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.gateway.dispatch.outcome import Ending
from reconciler.gateway.transport.base import Sink
from reconciler.provider_types.base import Endpoint
from reconciler.snapshot.model import Policy, Split

INPUTS = ["0", "1", "2", "3", "4"]


def embedding(number: int) -> Step:
    """The attempt is answered as it should be."""

    def step(hall: Hall) -> None:
        exchanges = hall.transports.exchanges
        if number < len(exchanges):
            texts = json.loads(exchanges[-1 - number].request.body)["input"]
            data = [{"index": place, "embedding": [int(text)]} for place, text in enumerate(texts)]
            body = json.dumps({"data": data}).encode()

            def tells(sink: Sink) -> None:
                sink.whole(200, JSON, body)

            of_attempt(number, tells)(hall)

    return step


mixed = st.lists(
    st.one_of(
        st.builds(embedding, st.integers(0, 3)),
        st.builds(embedding, st.integers(0, 3)),
        scripts.filter(bool).map(lambda script: script[0]),
    ),
    max_size=20,
)


@settings(max_examples=300, deadline=None)
@given(mixed, st.integers(1, 4), st.sampled_from([None, 2.5]), st.booleans(), st.booleans())
def test_one_answer_and_one_outcome(
    script: list[Step], workers: int, total: float | None, drain: bool, well: bool
) -> None:
    hall = Hall()
    policy = Policy(total=total, split=Split(2, workers))
    body = json.dumps({"model": "m", "input": INPUTS}).encode()
    request = asked(hall, policy=policy, endpoint=Endpoint.EMBEDDINGS, body=body)
    hall.begin(replace(request, candidates=tuple(routed(name, drain=drain) for name in ("a", "b", "c"))))
    for step in script:
        step(hall)
    for _ in INPUTS * well:
        for number in range(len(hall.transports.exchanges)):
            embedding(number)(hall)
    steered("writable")(hall)
    hall.pass_time(5000.0)  # time alone ends what is still under way
    client, outcome = hall.client, hall.client.outcome
    assert client.bugs == []
    assert client.ended == ("" if outcome.ending is Ending.GONE else "answer")
    assert len(outcome.attempts) == len(hall.asked)
    assert hall.alarms.at == {}, "an alarm is left"
    if outcome.ending is Ending.COMPLETE:
        data = json.loads(client.body)["data"]
        assert [each["index"] for each in data] == [*range(5)]
        assert client.headers["x-routerctl-attempts"] == str(len(hall.asked))
    if outcome.ending is Ending.REFUSED:
        assert client.status == outcome.status >= 400
