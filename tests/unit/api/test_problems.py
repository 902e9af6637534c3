import pytest

from reconciler.api.problems import ManyProblems, code_of, error_of
from reconciler.errors import Forbidden, InvalidInput, RouterctlError, Stale, StoreError, Unreachable


def test_codes_are_reasons_in_small_letters() -> None:
    assert [code_of(kind.reason) for kind in (StoreError, Stale, Forbidden)] == [
        "store_error",
        "stale",
        "forbidden",
    ]


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (503, "store_error", StoreError),
        (409, "stale", Stale),
        (401, "token_required", Forbidden),
        (421, "wrong_host", Forbidden),
        (400, "bad_request", InvalidInput),
        (502, None, Unreachable),
        (429, "too_many", Unreachable),
    ],
)
def test_an_error_is_told_by_its_code_or_its_status(
    status: int, code: str | None, kind: type[RouterctlError]
) -> None:
    assert type(error_of(status, {"code": code, "detail": "x"})) is kind


def test_what_is_missing_or_odd_has_words() -> None:
    found = error_of(500, {"detail": 7, "hint": ["x"]})
    assert (found.message, found.hint, found.command) == ("it was refused with status 500", None, None)


def test_what_answers_moves_no_cursor() -> None:
    """Whoever answers at an address may say anything: a message goes to a terminal."""
    found = error_of(409, {"detail": "a\x1b[31m\nb\u202e", "hint": "\x9bx", "command": "get\r\x07"})
    assert (found.message, found.hint, found.command) == (
        "a\\x1b[31m\nb\\u202e",
        "\\x9bx",
        "get\\r\\x07",
    )


def test_a_list_of_problems_stands_alone() -> None:
    found = error_of(422, {"code": "invalid", "detail": "a.yaml:1: no", "standsAlone": True})
    assert isinstance(found, ManyProblems)
    assert found.stands_alone
