import pytest

from reconciler.gateway.endpoints.reading import content_type, passed, read, read_headers
from reconciler.listener.head import joined
from reconciler.protocol.body import Body
from reconciler.protocol.errors import InvalidRequest
from reconciler.provider_types.base import Endpoint, Headers
from reconciler.provider_types.endpoints import ENDPOINTS

FORM = b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nm\r\n--b--\r\n'
MULTIPART = ("content-type", "multipart/form-data; boundary=b")
JSON = ("content-type", "application/json; charset=utf-8")


def asked(endpoint: Endpoint, body: bytes, *headers: tuple[str, str]) -> tuple[Body, Headers]:
    raw = joined([(name.encode(), value.encode("latin-1")) for name, value in headers])
    row = ENDPOINTS[endpoint]
    got = read(body, content_type(row, raw))
    return got, passed(row, raw, got)


@pytest.mark.parametrize("headers", [(), (JSON,), (JSON, ("content-encoding", "identity"))])
def test_json_is_read_and_no_header_goes_on(headers: Headers) -> None:
    body, sent = asked(Endpoint.CHAT, b'{"model": "m"}', *headers, ("authorization", "x"), ("cookie", "y"))
    assert (body.model, sent) == ("m", ())


def test_a_form_is_read_and_its_boundary_goes_on() -> None:
    body, sent = asked(Endpoint.TRANSCRIPTIONS, FORM, MULTIPART, ("anthropic-beta", "x"))
    assert (body.model, sent) == ("m", (MULTIPART,))


def test_where_both_are_taken_the_media_type_decides() -> None:
    assert asked(Endpoint.IMAGE_EDITS, FORM, MULTIPART)[0].model == "m"
    assert asked(Endpoint.IMAGE_EDITS, b'{"model": "m"}', JSON)[0].model == "m"


@pytest.mark.parametrize(
    ("endpoint", "header"),
    [
        (Endpoint.CHAT, MULTIPART),
        (Endpoint.TRANSCRIPTIONS, JSON),
        (Endpoint.CHAT, ("content-encoding", "gzip")),
    ],
)
def test_another_media_type_is_refused(endpoint: Endpoint, header: tuple[str, str]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        asked(endpoint, b"{}", header)
    assert (caught.value.error.status, caught.value.error.code) == (415, "unsupported_media_type")


@pytest.mark.parametrize("endpoint", [Endpoint.MESSAGES, Endpoint.COUNT_TOKENS])
def test_anthropics_headers_go_on_and_credentials_do_not(endpoint: Endpoint) -> None:
    given = (
        ("anthropic-beta", "one"),
        ("anthropic-version", "2023-06-01"),
        ("anthropic-beta", "two"),
        ("x-api-key", "secret"),
    )
    _, sent = asked(endpoint, b"{}", JSON, *given)
    assert sent == (("anthropic-beta", "one, two"), ("anthropic-version", "2023-06-01"))


@pytest.mark.parametrize("value", ["", "a\x7fb", "\xe9", "x" * 1025])
def test_a_value_that_makes_no_sense_does_not(value: str) -> None:
    assert asked(Endpoint.MESSAGES, b"{}", JSON, ("anthropic-version", value))[1] == ()


def test_headers_are_read_by_their_placeholders() -> None:
    given = {b"x-team": b" caf\xe9 ", b"cookie": b"a"}
    names = frozenset({"x-team", "x-user"})
    assert read_headers(names, given) == {"header.x-team": "caf\xe9", "header.x-user": ""}
