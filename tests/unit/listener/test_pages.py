from reconciler.listener.cors import PLAIN, Manner, preflight_answer, readable
from reconciler.listener.guard import Admission, Gate, asked, rules
from reconciler.listener.pages import NO_PAGES, Pages, pages

ORIGIN = b"https://app.example.com"
SOME = pages(
    ["https://App.example.com:443/", "*"], credentials=True, headers=["x-b", "x-a"], max_age=5, every=False
)


def admitted(gate: Gate, origin: bytes = ORIGIN) -> Admission:
    headers = ((b"host", b"localhost"), (b"origin", origin), (b"content-type", b"application/json"))
    return gate.admit(asked("POST", "/v1/chat/completions", "http", headers))


def test_origins_are_compared_in_one_spelling() -> None:
    assert SOME.origins == {ORIGIN.decode()}
    assert SOME.manner == Manner(credentials=True, headers=b"x-a, x-b", max_age=5)
    assert (SOME.manner_of(ORIGIN.decode()), SOME.manner_of("https://b.example")) == (SOME.manner, PLAIN)
    assert Pages(every=True).has("null")


def test_a_gate_learns_of_pages_while_it_stands() -> None:
    gate = Gate(rules(origins=["https://flag.example"]))
    refused = admitted(gate)
    assert refused.verdict is not None
    gate.turn(keyed=False, pages=SOME)
    let_in, flagged = admitted(gate), admitted(gate, b"https://flag.example")
    assert (let_in.verdict, let_in.page, let_in.manner) == (None, ORIGIN, SOME.manner)
    assert (flagged.verdict, flagged.manner) == (None, PLAIN)
    assert (b"access-control-allow-credentials", b"true") in let_in.marks([])
    assert (b"access-control-allow-credentials", b"true") not in flagged.marks([])
    gate.turn(keyed=False)
    assert admitted(gate).verdict is not None


def test_a_gate_without_flags_tells_that_answers_vary_once_there_are_pages() -> None:
    gate = Gate(rules())
    assert admitted(gate).varies is False
    gate.turn(keyed=True, pages=Pages(every=True))
    assert admitted(gate).varies is True
    assert admitted(gate, b"https://any.example").page == b"https://any.example"
    gate.turn(keyed=True, pages=NO_PAGES)
    assert admitted(gate).page is None


def test_a_preflight_is_told_what_holds_for_its_origin() -> None:
    asking = [(b"access-control-request-headers", b"x-anything")]
    told = dict(preflight_answer(ORIGIN, asking, ("GET",), SOME.manner))
    assert told[b"access-control-allow-headers"] == b"x-a, x-b"
    assert told[b"access-control-max-age"] == b"5"
    assert told[b"access-control-allow-credentials"] == b"true"
    assert dict(readable(ORIGIN, [], SOME.manner))[b"access-control-allow-credentials"] == b"true"
