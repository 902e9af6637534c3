"""What may happen to a request in a Hall, in whatever order: strategies for property tests."""

from collections.abc import Callable

from fakes.conversation import JSON, SSE
from fakes.talks import Hall
from hypothesis import strategies as st

from reconciler.gateway.transport.base import Failure, Sink

HTML = (("content-type", "text/html"),)
CHUNKS = (
    b'data: {"choices": [{"delta": {"content": "x"}, "finish_reason": null}]}\n\n',
    b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\n',
    b"data: [DONE]\n\n",
    b'{"error": {"message": "m"}}',
    b"\xff",
    b"",
)

Telling = Callable[[Sink], None]
Step = Callable[[Hall], None]
statuses = st.sampled_from([200, 200, 200, 204, 302, 400, 401, 429, 500])
kinds = st.sampled_from([JSON, SSE, HTML])


def heads(status: int, headers: tuple[tuple[str, str], ...]) -> Telling:
    return lambda sink: sink.head(status, headers)


def says(chunk: bytes) -> Telling:
    return lambda sink: sink.data(chunk)


def tells(status: int, headers: tuple[tuple[str, str], ...], body: bytes) -> Telling:
    return lambda sink: sink.whole(status, headers, body)


def fails(failure: Failure) -> Telling:
    return lambda sink: sink.error(failure, "it failed")


def ends(sink: Sink) -> None:
    sink.end()


def of_attempt(number: int, telling: Telling) -> Step:
    """Counted from the latest one. A cancelled one is told nothing, as by a transport."""

    def step(hall: Hall) -> None:
        exchanges = hall.transports.exchanges
        if number < len(exchanges) and not exchanges[-1 - number].cancelled:
            telling(exchanges[-1 - number].sink)

    return step


def waits(seconds: float) -> Step:
    return lambda hall: hall.pass_time(seconds)


def steered(word: str) -> Step:
    def step(hall: Hall) -> None:
        talk = hall.talk
        assert talk is not None
        {"blocked": talk.blocked, "writable": talk.writable, "gone": talk.gone}[word]()

    return step


tellings: st.SearchStrategy[Telling] = st.one_of(
    st.builds(heads, statuses, kinds),
    st.builds(says, st.sampled_from(CHUNKS)),
    st.builds(tells, statuses, kinds, st.sampled_from(CHUNKS)),
    st.builds(fails, st.sampled_from(list(Failure))),
    st.just(ends),
)
told: st.SearchStrategy[Step] = st.builds(of_attempt, st.integers(0, 2), tellings)
others: st.SearchStrategy[Step] = st.one_of(
    st.builds(waits, st.sampled_from([0.1, 1.0, 3.0, 50.0])),
    st.builds(steered, st.sampled_from(["blocked", "writable", "gone"])),
)
scripts = st.lists(st.one_of(told, told, told, others), max_size=25)
