import pytest

from reconciler.gateway.transport.http1.origin import Unsendable
from reconciler.gateway.transport.http1.request_head import RequestHead


def test_a_head_is_written_as_it_was_told() -> None:
    head = RequestHead("POST", "/v1/x", "host:81", (("authorization", "Bearer canary"), ("x", "\xe9")))
    assert head.before(b"body") == (
        b"POST /v1/x HTTP/1.1\r\nhost: host:81\r\nauthorization: Bearer canary\r\nx: \xe9\r\n"
        b"accept-encoding: identity\r\ncontent-length: 4\r\n\r\n"
    )
    assert "canary" not in repr(head)


@pytest.mark.parametrize(("method", "told"), [("POST", True), ("PUT", True), ("GET", False), ("HEAD", False)])
def test_an_empty_body_is_told_where_one_is_meant(method: str, told: bool) -> None:
    head = RequestHead(method, "/", "host", ())
    assert (b"content-length: 0" in head.before(b"")) is told
    assert [head.with_body(body) for body in (b"", b"body")] == [
        head.before(b""),
        head.before(b"body") + b"body",
    ]
    assert head.bodiless is (method == "HEAD")


def test_a_proxys_credential_stands_beside_the_host() -> None:
    head = RequestHead("GET", "http://host/", "host", (), "Basic canary").before(b"")
    assert head.startswith(
        b"GET http://host/ HTTP/1.1\r\nhost: host\r\nproxy-authorization: Basic canary\r\n"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x", "canary\r\ny: 1"),
        ("x", "canary\n"),
        ("x", "canary\r"),
        ("x", "canary\0"),
        ("x", "canary\x7f"),
        ("x", "canary\u2028"),
        ("x\r\ny", "canary"),
        ("x:", "canary"),
        ("x ", "canary"),
        ("", "canary"),
        ("content-length", "5"),
        ("Transfer-Encoding", "chunked"),
        ("connection", "close"),
        ("host", "other"),
    ],
)
def test_no_header_can_change_what_is_asked(name: str, value: str) -> None:
    with pytest.raises(Unsendable) as refused:
        RequestHead("POST", "/", "host", ((name, value),))
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize("method", ["", "GET /", "GET\r\n", "G\u00c9T"])
def test_no_method_can_either(method: str) -> None:
    with pytest.raises(Unsendable):
        RequestHead(method, "/", "host", ())
