import pytest
from fakes.traffic import NOW

from reconciler.cli.output import table
from reconciler.cli.session_output import SESSION_COLUMNS, session_json, session_lines, write_sessions
from reconciler.store.traffic_sessions import Session, SessionRow


def session(**changes: object) -> SessionRow:
    made = Session(NOW, NOW + 1000, 2, 1, 30, 40, 5 * 10**12, 1, 2_000_000, {"m", "n"}, {"p"})
    return made.row("default", "ada", "conv-1")._replace(**changes)  # type: ignore[arg-type]  # fields by name


def test_a_line_of_a_table() -> None:
    head, line = table(SESSION_COLUMNS, [session(id="ses-1")], wide=True).splitlines()
    assert head.split()[-3:] == ["FIRST", "MODELS", "PROVIDERS"]
    assert line.split() == [
        "2026-09-21T14:13:21.000Z", "ses-1", "ada", "conv-1", "2", "1", "30", "40", "0.005000+",
        "2026-09-21T14:13:20.000Z", "m,n", "p",
    ]  # fmt: skip


def test_a_cost_that_nobody_knows_is_left_open() -> None:
    unknown, unused = session(cost=0), session(cost=0, unpriced=0, tokens_in=0, tokens_out=0)
    for each in (unknown, unused):
        assert table(SESSION_COLUMNS, [each]).splitlines()[1].split()[-1] == "-"


def test_all_about_one() -> None:
    lines = list(session_lines(session()))
    assert "Session:      conv-1 (told by how it begins)" in lines
    assert "Took:         2.00s" in lines
    assert "Models:       m, n" in lines
    assert not any(line.startswith("Client") for line in session_lines(session(client=None)))


def test_as_data() -> None:
    told = session_json(session())
    assert (told["cost"], told["tokens"], told["derived"]) == ("0.005", {"input": 30, "output": 40}, True)


@pytest.mark.parametrize(("output", "lines"), [("jsonl", 2), ("csv", 3)])
def test_for_other_programs(capsys: pytest.CaptureFixture[str], output: str, lines: int) -> None:
    write_sessions([session(), session(name="s")], output)
    assert len(capsys.readouterr().out.splitlines()) == lines
