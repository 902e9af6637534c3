import pytest

from reconciler.gateway.trace_context import TraceContext, trace_context, trace_of

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def test_a_clients_trace_goes_on_with_a_span_of_ours() -> None:
    found = trace_context(f"00-{TRACE}-{PARENT}-01", "vendor=1")
    assert (found.trace_id, found.parent_id, found.sampled) == (int(TRACE, 16), int(PARENT, 16), True)
    assert found.headers == (
        ("traceparent", f"00-{TRACE}-{found.span_id:016x}-01"),
        ("tracestate", "vendor=1"),
    )
    assert found.span_id not in {0, found.parent_id}


def test_what_is_not_sampled_stays_so() -> None:
    found = trace_context(f"00-{TRACE}-{PARENT}-00")
    assert not found.sampled
    assert found.headers == (("traceparent", f"00-{TRACE}-{found.span_id:016x}-00"),)


def test_a_later_version_is_read_as_far_as_it_is_known() -> None:
    assert trace_context(f"cc-{TRACE}-{PARENT}-01-what-comes").trace_id == int(TRACE, 16)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        f"00-{TRACE}-{PARENT}",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-01-more",
    ],
)
def test_what_makes_no_sense_begins_a_trace(header: str) -> None:
    found = trace_context(header, "vendor=1")
    assert found.trace_id not in {0, int(TRACE, 16)}
    assert (found.parent_id, found.state, found.sampled) == (0, "", True)


@pytest.mark.parametrize("state", ["x" * 513, "a=\r\nevil: 1"])
def test_a_state_that_may_not_travel_is_dropped(state: str) -> None:
    assert trace_context(f"00-{TRACE}-{PARENT}-01", state).state == ""


def test_one_without_a_state_has_one_header() -> None:
    assert [name for name, _ in TraceContext(1, 2).headers] == ["traceparent"]


def test_it_stands_in_two_headers() -> None:
    told = trace_of({b"traceparent": f"00-{TRACE}-{PARENT}-01".encode(), b"tracestate": b"a=1"})
    assert (told.trace_id, told.state) == (int(TRACE, 16), "a=1")
    assert trace_of({}).parent_id == 0
