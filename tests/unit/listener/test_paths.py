from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.listener.paths import plain_path, raw_path

TAILS = (b"/v1/models/",)


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"/", "/"),
        (b"/status", "/status"),
        (b"/v1/models/", "/v1/models/"),
        (b"/%73tatus", "/status"),
        (b"/a.b/..c/...", "/a.b/..c/..."),
        (b"/v1/responses/resp_1:x@y", "/v1/responses/resp_1:x@y"),
    ],
)
def test_a_plain_path_is_what_it_says(raw: bytes, path: str) -> None:
    assert plain_path(raw) == path


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"*", b"status", b"//status", b"/v1//models", b"/./status", b"/status/.", b"/../status",
        b"/%2e%2e/status", b"/%2E/status", b"/a%2fb", b"/a%5Cb", b"/a\\b", b"/status;x", b"/status%3Bx", b"/status%00",
        b"/status%0a", b"/status\n", b"/sta tus", b"/status%20", b"/status%", b"/status%zz", b"/%2%35", b"/%25 2f",
        b"/st\xc3\xa4tus", b"/st%C3%A4tus", b"/status?x", b"/status#x",
    ],
)  # fmt: skip
def test_what_has_several_readings_is_no_path(raw: bytes) -> None:
    assert plain_path(raw) is None
    assert plain_path(raw, TAILS) is None


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"/v1/models/acme/m", "/v1/models/acme/m"),
        (b"/v1/models/acme%2Fm", "/v1/models/acme/m"),
        (b"/v1/%6dodels/a%2fb", "/v1/models/a/b"),
        (b"/v1/models/../status", "/v1/models/../status"),
        (b"/v1/models/a//b;c%2541", "/v1/models/a//b;c%41"),
        (b"/v1/models/%C3%A4", "/v1/models/\xe4"),
    ],
)
def test_below_a_tail_all_is_one_name(raw: bytes, path: str) -> None:
    assert plain_path(raw, TAILS) == path


@pytest.mark.parametrize("raw", [b"/v1/models/%ff", b"/v1/models/\xff", b"/v1/models/%C3"])
def test_a_name_is_utf_8(raw: bytes) -> None:
    assert plain_path(raw, TAILS) is None


@pytest.mark.parametrize("raw", [b"/v1/models/a%zz", b"/v1/models/a%", b"/v1/models/%2", b"/v1/models/%%41"])
def test_a_broken_escape_is_no_name(raw: bytes) -> None:
    assert plain_path(raw, TAILS) is None


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_any_name_goes_there_and_back(name: str) -> None:
    assert plain_path(f"/v1/models/{quote(name, safe='')}".encode(), TAILS) == f"/v1/models/{name}"


@given(st.binary(max_size=30))
def test_no_path_has_a_second_reading(rest: bytes) -> None:
    path = plain_path(b"/" + rest)
    if path is not None:
        assert not {"//", "/./", "/../", ";", "%", "\\"} & {
            path[at : at + size] for size in (1, 2, 3, 4) for at in range(40)
        }
        assert plain_path(path.encode()) == path


def test_the_raw_path_is_made_again_where_a_server_does_not_tell_it() -> None:
    assert raw_path("/a b;c", None) == b"/a%20b;c"
    assert raw_path("/a", b"/%61") == b"/%61"
