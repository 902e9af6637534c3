"""What a gate remembers changes nothing of what it says."""

from hypothesis import given
from hypothesis import strategies as st

from reconciler.listener.guard import Gate, Headers, asked, judge, rules

ALLOWED = rules(
    hosts={"svc"},
    origins={"https://app.example.com"},
    multipart_paths={"/v1/audio/transcriptions"},
)

counting = st.sampled_from([b"host", b"origin", b"sec-fetch-site", b"content-type"])
values = st.sampled_from(
    [
        b"localhost:8484",
        b"evil.example",
        b"https://app.example.com",
        b"https://evil.example",
        b"cross-site",
        b"application/json",
        b"text/plain",
        b"multipart/form-data; boundary=b",
    ]
)
others = st.tuples(st.sampled_from([b"accept", b"x"]), st.sampled_from([b"a", b"b"]))


@given(st.lists(st.lists(st.tuples(counting, values) | others, max_size=6), min_size=1, max_size=8))
def test_a_post_is_admitted_as_any_request_is_whatever_came_before_it(posts: list[Headers]) -> None:
    """Also where a header stands twice, of which a mapping holds one."""
    gate, path = Gate(ALLOWED), "/v1/audio/transcriptions"
    for headers in (*posts, *posts):
        expected = Gate(ALLOWED).admit(asked("POST", path, "http", headers))
        assert gate.admit_post(path, headers, dict(headers)) == expected


def test_a_gate_remembers_no_more_than_a_few_posts() -> None:
    gate = Gate(ALLOWED)
    for number in range(600):
        headers = [(b"host", b"10.0.%d.%d" % divmod(number, 250)), (b"content-type", b"application/json")]
        assert gate.admit_post("/v1/models", headers, dict(headers)).verdict is None
    foreign = [(b"host", b"evil.example"), (b"content-type", b"application/json")]
    assert gate.admit_post("/v1/models", foreign, dict(foreign)).verdict is not None
    assert len(gate._known) <= 256


def test_a_gate_says_the_same_again_and_remembers_no_more_than_a_few() -> None:
    gate = Gate(ALLOWED)
    for number in (*range(600), *range(600)):
        host = b"10.0.%d.%d" % divmod(number, 250)
        assert gate.admit(asked("GET", "/v1/models", "http", [(b"host", host)])).verdict is None
    foreign = asked("GET", "/v1/models", "http", [(b"host", b"evil.example")])
    assert [gate.admit(foreign).verdict for _ in range(2)] == [judge(foreign, ALLOWED)] * 2
    long = asked("GET", "/" + "x" * 9000, "http", [(b"host", b"localhost")])
    assert gate.admit(long) == gate.admit(long)
    assert len(gate._known) <= 256
