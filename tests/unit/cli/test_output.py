import json
import sys
from datetime import UTC, datetime, timedelta

import click
import pytest

from reconciler.cli.output import (
    Column,
    OutputFormat,
    Palette,
    Table,
    age,
    counted,
    data,
    fact,
    indented,
    listing,
    output_option,
    print_data,
    table,
)
from reconciler.json_types import JsonObject

NOW = datetime(2026, 1, 10, tzinfo=UTC)
COLUMNS = (
    Column[dict[str, object]]("NAME", lambda row: row["name"]),
    Column[dict[str, object]]("ON", lambda row: row.get("on")),
    Column[dict[str, object]]("WHERE", lambda row: row.get("where"), wide=True),
)


def test_a_table_is_aligned_and_has_no_trailing_blanks() -> None:
    rows: list[dict[str, object]] = [{"name": "long-name", "on": True}, {"name": "a", "on": ""}]
    assert table(COLUMNS, rows) == "NAME        ON\nlong-name   true\na           -"


def test_wide_columns_are_shown_where_asked() -> None:
    rows: list[dict[str, object]] = [{"name": "a", "on": False, "where": "here"}]
    assert table(COLUMNS, rows, wide=True) == "NAME   ON      WHERE\na      false   here"


def test_a_table_may_go_on_and_only_gets_wider() -> None:
    going_on = Table(COLUMNS)
    assert going_on.lines([{"name": "abcdef", "on": 1}], titles=True) == ["NAME     ON", "abcdef   1"]
    assert going_on.lines([{"name": "a", "on": 2}]) == ["a        2"]
    assert going_on.lines([{"name": "abcdefgh"}]) == ["abcdefgh   -"]


def test_a_cell_stays_in_its_line_and_does_nothing_to_the_terminal() -> None:
    rows: list[dict[str, object]] = [{"name": "a\nb\x1b[2J"}]
    assert table(COLUMNS, rows).split("\n")[1:] == ["a\\nb\\x1b[2J   -"]


def test_data_in_each_form() -> None:
    one: JsonObject = {"kind": "Model", "ä": [1, None]}
    assert json.loads(data(one, "json")) == one
    assert "ä" in data(one, "json")
    assert data(one, "yaml") == 'kind: Model\n"ä":\n  - 1\n  - null'
    assert data(one, "jsonpath={.kind}") == "Model"
    assert data(listing([{"a": 1}, {"b": 2}]), "yaml") == "a: 1\n---\nb: 2"
    assert data(listing([]), "yaml") == ""


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ("yaml", ""),
        ("jsonpath={.missing}", ""),
        ("jsonpath={.kind}", "List\n"),
        ('jsonpath={.kind}{"\\n"}', "List\n"),
    ],
)
def test_what_is_printed_ends_in_one_line_break(
    output: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_data(listing([]), output)
    assert capsys.readouterr().out == text


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(seconds=-5), "0s"),
        (timedelta(seconds=119), "119s"),
        (timedelta(minutes=2), "2m"),
        (timedelta(minutes=179), "179m"),
        (timedelta(hours=3), "3h"),
        (timedelta(hours=3, minutes=20), "3h20m"),
        (timedelta(hours=12, minutes=20), "12h"),
        (timedelta(hours=47), "47h"),
        (timedelta(days=5, hours=3), "5d"),
    ],
)
def test_an_age_is_written_as_kubectl_does(ago: timedelta, text: str) -> None:
    assert age((NOW - ago).isoformat().replace("+00:00", "Z"), NOW) == text


@pytest.mark.parametrize("value", ["table", "json", "jsonpath={.a}"])
def test_an_output_format(value: str) -> None:
    assert OutputFormat("table|json|jsonpath=EXPRESSION").convert(value, None, None) == value


@pytest.mark.parametrize("value", ["", "xml", "jsonpath", "jsonpath=EXPRESSION", "jsonpath={.a", "TABLE"])
def test_what_is_no_output_format(value: str) -> None:
    with pytest.raises(click.BadParameter):
        OutputFormat("table|json|jsonpath=EXPRESSION").convert(value, None, None)


def test_a_command_may_know_fewer_formats() -> None:
    with pytest.raises(click.BadParameter, match=r'unknown output format "jsonpath={.a}"; one of text, json'):
        OutputFormat("text|json").convert("jsonpath={.a}", None, None)


def test_the_option_names_its_formats_and_its_default() -> None:
    @click.command()
    @output_option("text", "text|json")
    def show(output: str) -> None:
        click.echo(output)

    (option,) = show.params
    assert isinstance(option, click.Option)
    assert option.help == "text|json. [default: text]"
    assert option.default == "text"


class Terminal:
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environ", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colours_are_for_terminals_that_want_them(
    environ: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert (Palette(environ).paint("a", "red") != "a") is coloured


def test_who_asks_for_colours_or_none_gets_them_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Palette({"NO_COLOR": "1"}, "always").paint("a", "red") != "a"
    assert Palette({}, "always").paint("a", None) == "a"
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert Palette({}, "never").paint("a", "red") == "a"


def test_nothing_is_coloured_in_a_pipe() -> None:
    assert Palette({}).paint("a", "red") == "a"


def test_the_lines_of_a_message_stand_below_each_other() -> None:
    assert indented("no key\n  set\x1b it", 2) == ["  no key", "    set\\x1b it"]


def test_a_fact_stays_in_its_line() -> None:
    assert fact("Name", "a\nb", 8) == "Name:   a\\nb"
    assert fact("Number", 7, 10) == "Number:   7"


def test_one_and_many() -> None:
    assert (counted(1, "file"), counted(0, "file"), counted(2, "file")) == ("1 file", "0 files", "2 files")
