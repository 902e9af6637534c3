import json

import pytest
from fakes.traffic import NOW, row

from reconciler.cli.output import table
from reconciler.cli.traffic_output import (
    REQUEST_COLUMNS,
    duration,
    group_columns,
    group_json,
    money,
    request_json,
    request_lines,
)
from reconciler.store.traffic import Bodies
from reconciler.store.traffic_query import Group

TRAIL = json.dumps(
    {
        "attempts": [
            {
                "provider": "a",
                "binding": "ba",
                "status": None,
                "failure": "connect",
                "reason": "refused",
                "micros": 40,
            },
            {
                "provider": "p",
                "binding": "b",
                "status": 200,
                "failure": None,
                "reason": None,
                "micros": 12_000,
            },
        ],
        "skipped": [{"provider": "x", "binding": "bx", "reason": "circuit_open"}],
    }
)


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (None, None),
        (0, "0us"),
        (999, "999us"),
        (1000, "1.00ms"),
        (12_345, "12.3ms"),
        (640_000, "640ms"),
        (1_520_000, "1.52s"),
        (75_000_000, "75.0s"),
        (300_000_000, "300s"),
    ],
)
def test_durations_have_three_digits(micros: int | None, text: str | None) -> None:
    assert duration(micros) == text


@pytest.mark.parametrize(
    ("cost", "text"),
    [
        (None, None),
        ("0", "0.000000"),
        ("1.5", "1.500000"),
        ("0.0000001", "<0.000001"),
        ("0.00000285", "0.000003"),
    ],
)
def test_costs_have_six_digits(cost: str | None, text: str | None) -> None:
    assert money(cost) == text


def test_a_line_of_a_table() -> None:
    estimated = row(id="req-2", estimated=1, provider=None, model=None, asked="wish", cost=None, own=None)
    unknown = row(id="req-3", tokens_in=None, tokens_out=None)
    assert table(REQUEST_COLUMNS, [row(), estimated, unknown]).splitlines() == [
        "TIME                       ID      MODEL   PROVIDER   STATUS   ENDING     TRIES   TOOK     TOKENS   COST",
        "2026-09-21T14:13:20.000Z   req-1   m       p          200      complete   1       12.3ms   10+20    0.000030",
        "2026-09-21T14:13:20.000Z   req-2   wish    -          200      complete   1       12.3ms   ~10+20   -",
        "2026-09-21T14:13:20.000Z   req-3   m       p          200      complete   1       12.3ms   -        0.000030",
    ]


def test_as_data() -> None:
    told = request_json(row(trail=TRAIL, attempts=2), Bodies("req-1", NOW, b"{\xff", 2, b"ok", 900))
    assert told["micros"] == {"total": 12_345, "firstByte": 11_000, "own": 80}
    assert told["tokens"] == {"input": 10, "output": 20, "estimated": False}
    assert told["skipped"] == [{"provider": "x", "binding": "bx", "reason": "circuit_open"}]
    assert told["bodies"] == {"request": "{\ufffd", "requestBytes": 2, "answer": "ok", "answerBytes": 900}
    plain = request_json(row(tokens_in=None, tokens_out=None))
    assert (plain["trail"], plain["tokens"], "bodies" in plain) == ([], None, False)
    assert plain["finishReason"] is None
    assert request_json(row(finish_reason="length"))["finishReason"] == "length"


def test_all_about_one() -> None:
    lines = list(
        request_lines(
            row(trail=TRAIL, stream=1, session="s-1", finish_reason="stop"),
            Bodies("req-1", NOW, b"one\ntwo", 7, b"cut", 900),
        )
    )
    assert lines[0] == "ID:          req-1"
    assert "Endpoint:    chat, streamed" in lines
    assert "Finish:      stop" in lines
    assert "Cost:        0.00003 US dollars" in lines
    assert lines[-8:] == [
        "Attempt 1:   a, connect: refused, 40us",
        "Attempt 2:   p, 200, 12.0ms",
        "Skipped:     x, circuit_open",
        "Request (7 bytes):",
        "  one",
        "  two",
        "Answer (900 bytes, the first 3 kept):",
        "  cut",
    ]
    short = list(request_lines(row(cost=None, revision=0), None))
    assert not any(line.startswith(("Cost", "Revision", "Session")) for line in short)


def test_an_attempt_that_another_was_quicker_than() -> None:
    tried = {"provider": "a", "binding": "b", "status": None, "failure": None, "reason": None, "micros": 40}
    trail = json.dumps({"attempts": [tried, {**tried, "beside": "hedge", "status": 200}]})
    lines = list(request_lines(row(trail=trail), None))
    assert lines[-2:] == ["Attempt 1:   a, not waited for, 40us", "Attempt 2:   a, 200, 40us, hedge"]


def test_groups() -> None:
    group = Group(("m", 503), 4, 1, 1, 2, 30, 60, 1, 3 * 10**12, 1)
    group.durations.extend([1000, 2000, 3000, 4000])
    group.first_bytes.append(500)
    (titles, line) = table(group_columns(["model", "status"]), [group]).splitlines()
    assert titles.split() == [
        "MODEL",
        "STATUS",
        "REQUESTS",
        "FAILED",
        "P50",
        "P95",
        "TOKENS",
        "IN",
        "TOKENS",
        "OUT",
        "COST",
    ]
    assert line.split() == ["m", "503", "4", "1", "(25.0%)", "2.00ms", "4.00ms", "30", "60", "0.003000+"]
    assert group_json(["model", "status"], group) == {
        "model": "m",
        "status": 503,
        "requests": 4,
        "failed": 1,
        "left": 1,
        "retried": 2,
        "tokens": {"input": 30, "output": 60},
        "estimated": 1,
        "cost": "0.003",
        "unpriced": 1,
        "micros": {"p50": 2000, "p95": 4000, "p99": 4000},
        "firstByteMicros": {"p50": 500, "p95": 500, "p99": 500},
    }


@pytest.mark.parametrize(
    ("group", "cost"),
    [
        (Group((), 1, tokens_in=5, unpriced=1), "-"),
        (Group((), 1), "-"),
        (Group((), 1, tokens_in=5), "0.000000"),
    ],
)
def test_a_cost_that_nobody_knows_is_none(group: Group, cost: str) -> None:
    assert table(group_columns([]), [group]).split()[-1] == cost
