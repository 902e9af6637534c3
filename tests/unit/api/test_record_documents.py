import csv
import json
from io import StringIO

import pytest
from fakes.recorded import ROWS, TRAIL
from fakes.traffic import NOW, row

from reconciler.api.record_documents import (
    REQUEST_FIELDS,
    SESSION_FIELDS,
    csv_of_requests,
    csv_of_sessions,
    error_of,
    finish_reason,
    request_document,
    response_document,
    session_document,
    session_of,
    total_tokens,
)
from reconciler.store.traffic import Bodies
from reconciler.store.traffic_sessions import Session


def bodies(request: bytes = b"{}", answer: bytes = b"{}", *, cut: int = 0) -> Bodies:
    return Bodies("req-1", NOW, request, len(request) + cut, answer, len(answer) + cut)


def test_a_request_and_its_response_are_one_record() -> None:
    told, answered = request_document(row()), response_document(row())
    assert told["id"] == answered["id"] == answered["request_id"]
    assert (told["timestamp"], answered["timestamp"]) == (NOW, NOW + 12)
    assert told["usage"] == answered["usage"]
    assert "openai_request" not in told
    assert "openai_response" not in answered


def test_bodies_are_json_where_they_are_whole() -> None:
    kept = bodies(b'{"n": 1}', b"[NaN]")
    assert request_document(row(), kept)["openai_request"] == {"n": 1}
    assert response_document(row(), kept)["openai_response"] == "[NaN]"
    assert request_document(row(), bodies(b'{"n": 1}', cut=9))["openai_request"] == '{"n": 1}'
    assert request_document(row(), bodies(b"[" * 50_000))["openai_request"] == "[" * 50_000


def test_why_it_ended_is_told_of_both_sides() -> None:
    ended = row(finish_reason="length")
    assert response_document(ended)["finish_reason"] == finish_reason(ended) == "length"
    summary = request_document(ended)["response_summary"]
    assert isinstance(summary, dict)
    assert summary["finish_reason"] == "length"
    names, cells = csv.reader(StringIO("".join(csv_of_requests([ended]))))
    assert cells[names.index("finish_reason")] == "length"


def test_of_what_failed_the_last_attempt_says_why() -> None:
    assert error_of(row(status=503, trail=TRAIL)) == "timeout: took 1 s"
    assert error_of(row(status=404, ending="refused")) == "refused with status 404"
    assert error_of(row(trail=TRAIL)) is None
    assert finish_reason(row(ending="broken", finish_reason="stop")) == "error"
    assert finish_reason(row()) is None


def test_what_is_not_known_is_left_open() -> None:
    assert total_tokens(row(tokens_in=None, tokens_out=None)) is None
    assert total_tokens(row(tokens_out=None)) == 10
    assert session_of(row()) is None
    assert request_document(row(metadata='{"team": "a"}'))["metadata"] == {"team": "a"}


def test_a_session() -> None:
    told = session_document(Session(1, 2, requests=1, cost=3 * 10**12).row("default", "ada", "conv-1"), 9)
    assert (told["derived"], told["cost"], told["expires_at"]) == (True, "0.003", 9)


def test_rows_for_spreadsheets_are_read_back_as_they_were() -> None:
    odd = row(id="odd", asked='a "b",\r\nc', session="+1", client="@x")
    read = list(csv.DictReader(StringIO("".join(csv_of_requests([*ROWS, odd])), newline="")))
    assert tuple(read[0]) == REQUEST_FIELDS
    assert [each["request_id"] for each in read] == [*(each.id for each in ROWS), "odd"]
    assert read[-1]["asked"] == 'a "b",\r\nc'
    assert (read[0]["time"], read[0]["total_tokens"], read[3]["total_tokens"]) == (
        "2026-09-21T13:13:20.000Z",
        "30",
        "",
    )


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"])
def test_no_spreadsheet_carries_out_what_a_client_chose(first: str) -> None:
    told = "".join(csv_of_requests([row(asked=f"{first}1+1")]))
    (read,) = csv.DictReader(StringIO(told, newline=""))
    assert read["asked"] == f"'{first}1+1"
    sessions = "".join(csv_of_sessions([Session(1, 2).row("default", "ada", f"{first}x")]))
    (session,) = csv.DictReader(StringIO(sessions, newline=""))
    assert tuple(session) == SESSION_FIELDS
    assert session["session"] == f"'{first}x"


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (" =1+1", "' =1+1"),
        ("\u00a0@x", "'\u00a0@x"),
        ("\ufeff=x", "'\ufeff=x"),
        ("\x00-1", "'\x00-1"),
        ("a;=1+1", "a;'=1+1"),
        ("a\r\n=1", "a\r'\n'=1"),
        ("\t=1", "'\t'=1"),
        ("'=1", "'=1"),
        ("gpt-4+x=@", "gpt-4+x=@"),
        ("a; b", "a; b"),
    ],
)
def test_nor_what_stands_behind_a_blank_or_in_a_cell_of_its_own(sent: str, told: str) -> None:
    text = "".join(csv_of_requests([row(asked=sent, cost="0.25")]))
    (read,) = csv.DictReader(StringIO(text, newline=""))
    assert read["asked"] == told
    assert (read["cost"], read["status"]) == ("0.25", str(row().status))


def test_documents_are_json() -> None:
    for each in ROWS:
        assert json.loads(json.dumps(request_document(each))) == request_document(each)
