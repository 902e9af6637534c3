import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.json_types import JsonValue
from reconciler.protocol.header_templates import (
    MAX_PLACEHOLDERS,
    MAX_TEMPLATE,
    MAX_VALUE,
    HeaderTemplates,
    Unreadable,
    header_templates,
    pieces,
    with_headers,
)

KNOWN = {"model": "m", "upstreamModel": "up", "provider": "p", "requestId": "req-1", "header.x-team": "blue"}


def made(**templates: JsonValue) -> HeaderTemplates:
    found = header_templates({name.replace("_", "-"): text for name, text in templates.items()})
    assert found is not None
    return found


@pytest.mark.parametrize("written", [None, {}, "x", ["x"]])
def test_no_headers_are_no_templates(written: JsonValue) -> None:
    assert header_templates(written) is None


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("plain", "plain"),
        ("{model}", "m"),
        ("{upstreamModel}/{provider}", "up/p"),
        ("a {requestId} b", "a req-1 b"),
        ("{header.X-Team}", "blue"),
        ("team={header.x-team};", "team=blue;"),
        ("{{model}}", "{model}"),
        ("{{{model}}}", "{m}"),
        ("{{}}", "{}"),
        ("}}{{", "}{"),
    ],
)
def test_what_a_template_becomes(template: str, value: str) -> None:
    assert made(X_A=template).headers(KNOWN) == (("x-a", value),)


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("", "not printable ASCII of 1 to 1024 characters"),
        ("x" * (MAX_TEMPLATE + 1), "not printable ASCII"),
        ("\xe9", "not printable ASCII"),
        ("a\r\nx-b: c", "not printable ASCII"),
        ("a\n", "not printable ASCII"),
        ("a\tb", "not printable ASCII"),
        (" a", "begins or ends with a blank"),
        ("{model} ", "begins or ends with a blank"),
        ("{model", "a brace without its other; write {{ or }}"),
        ("model}", "a brace without its other"),
        ("{{model}", "a brace without its other"),
        ("{a{model}", "a brace without its other"),
        ("{}", 'unknown placeholder "{}"'),
        (
            "{Model}",
            'unknown placeholder "{Model}"; there are {model}, {upstreamModel}, {provider}, {requestId}',
        ),
        ("{model }", "unknown placeholder"),
        ("{model.x}", "unknown placeholder"),
        ("{header}", "unknown placeholder"),
        ("{header.}", "names no header that HTTP allows"),
        ("{header.x y}", "names no header that HTTP allows"),
        ("{header.Authorization}", "is the client's credential"),
        ("{header.COOKIE}", "is the client's credential"),
        ("{header.x-api-key}", "is the client's credential"),
        ("{model}" * (MAX_PLACEHOLDERS + 1), "more than 4 placeholders"),
    ],
)
def test_what_is_no_template(template: str, words: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        pieces(template)
    assert words in unreadable.value.words


@pytest.mark.parametrize(
    "value", ["", " ", "a\r\nx: y", "a\x00", "a\tb", "\xe9", " a", "a ", "x" * (MAX_VALUE + 1), "a\n"]
)
def test_a_header_with_a_value_that_is_not_plain_is_left_out(value: str) -> None:
    templates = made(X_Team="t-{header.x-team}", X_Else="{model}")
    assert templates.headers({**KNOWN, "header.x-team": value}) == (("x-else", "m"),)


def test_a_header_that_the_client_did_not_send_is_left_out() -> None:
    assert made(X_Team="t-{header.x-team}").headers({"model": "m"}) == ()
    assert made(X_Team="t-{header.x-team}").headers({"header.x-team": "x" * MAX_VALUE})[0][1].endswith("x")


def test_what_is_read_of_the_client_is_known_beforehand() -> None:
    templates = made(X_A="{header.X-Team}{model}", X_B="{header.x-team}/{header.X-User}", X_C="header.x-no")
    assert templates.reads == {"x-team", "x-user"}


def test_own_headers_take_the_place_of_others() -> None:
    headers = (("x-a", "1"), ("x-b", "2"))
    assert with_headers(headers, (("x-a", "3"), ("x-c", "4"))) == (("x-b", "2"), ("x-a", "3"), ("x-c", "4"))
    assert with_headers(headers, ()) == headers


@given(st.text(alphabet="{}ab .\n", max_size=12), st.text(max_size=8), st.text(max_size=8))
def test_nothing_that_anyone_writes_or_says_ends_a_line(template: str, model: str, team: str) -> None:
    for written in (template, f"{template}{{model}}", f"{template}{{header.x-team}}"):
        try:
            templates = made(X_A=written)
        except Unreadable:
            continue
        for _, value in templates.headers({"model": model, "header.x-team": team}):
            assert re.fullmatch(r"[\x20-\x7e]+", value)
            assert value == value.strip()
