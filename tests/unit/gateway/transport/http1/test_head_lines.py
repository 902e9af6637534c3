import pytest

from reconciler.gateway.transport.http1 import head_lines
from reconciler.gateway.transport.http1.head_lines import KnownLines, seconds


@pytest.mark.parametrize(
    ("line", "header"),
    [
        (b"content-type: application/json", ("content-type", "application/json")),
        (b"X-Request-Id:abc \t", ("x-request-id", "abc")),
        (b"x-empty:", ("x-empty", "")),
        (b"x-colon: a:b", ("x-colon", "a:b")),
        (b"Connection: Keep-Alive", None),
        (b"keep-alive: timeout=5", None),
    ],
)
def test_what_leaves_no_doubt_is_judged(line: bytes, header: tuple[str, str] | None) -> None:
    lines = KnownLines()
    for _ in range(2):
        judged = lines.field(line)
        assert (judged.header, judged.strange, judged.length) == (header, False, -1)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"no colon",
        b"token",
        b": nameless",
        b"a name: x",
        b"name : x",
        b" folded: x",
        b"x: caf\xe9",
        b"x: a\tb",
        b"x: \x7f",
        b"x: \x00",
        b"x: a\nb",
        b"x\n: a",
        b"connection: close",
        b"connection: x-own",
        b"transfer-encoding: chunked",
        b"content-encoding: gzip",
        b"upgrade: h2c",
        b"te: trailers",
        b"content-length: -1",
        b"content-length: 1,1",
        b"content-length:",
        b"content-length: 1234567890123456",
    ],
)
def test_what_is_strange_is_the_parsers(line: bytes) -> None:
    lines = KnownLines()
    assert [lines.field(line).strange for _ in range(2)] == [True, True]


def test_what_a_line_tells_of_the_body_and_of_the_connection() -> None:
    lines = KnownLines()
    assert lines.field(b"Content-Length: 628").length == 628
    assert lines.field(b"Keep-Alive: timeout=5, max=100").keep_alive == 5
    assert lines.field(b"Keep-Alive: max=100").keep_alive is None


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"HTTP/1.1 200 OK", 200),
        (b"HTTP/1.1 503 ", 503),
        (b"HTTP/1.1 200", 0),
        (b"HTTP/1.0 200 OK", 0),
        (b"HTTP/1.1 100 Continue", 0),
        (b"HTTP/1.1 204 No Content", 0),
        (b"HTTP/1.1 304 Not Modified", 0),
        (b"HTTP/1.1 2000 OK", 0),
        (b"HTTP/1.1 200 caf\xe9", 0),
    ],
)
def test_the_status_of_an_answer_with_a_body(line: bytes, status: int) -> None:
    lines = KnownLines()
    assert [lines.status(line) for _ in range(2)] == [status, status]


def test_a_line_that_was_judged_is_looked_up() -> None:
    lines = KnownLines()
    line = b"content-type: application/json"
    assert lines.field(line) is lines.field(line)


@pytest.mark.parametrize("line", [b"Set-Cookie: a=b", b"x: " + b"y" * head_lines.LONGEST])
def test_cookies_and_long_lines_are_not_kept(line: bytes) -> None:
    lines = KnownLines()
    assert lines.field(line) is not lines.field(line)


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(head_lines, "KEPT", 2)
    lines = KnownLines()
    first = lines.field(b"a: 1")
    lines.field(b"b: 2")
    assert lines.field(b"a: 1") is first
    lines.field(b"c: 3")
    assert lines.field(b"a: 1") is not first
    statuses = [lines.status(b"HTTP/1.1 200 %d" % number) for number in range(2 * head_lines.STATUS_LINES)]
    assert {*statuses} == {200}


@pytest.mark.parametrize(
    ("told", "result"), [("timeout=5, max=100", 5), ("max=1,Timeout=7", 7), ("timeout=x", None), ("", None)]
)
def test_how_long_a_connection_is_kept(told: str, result: int | None) -> None:
    assert seconds(told) == result
