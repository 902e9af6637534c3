import pytest

from reconciler.control.manifest.document import (
    Document,
    Location,
    Problem,
    field_path,
    in_order,
    quoted,
    without_nulls,
)
from reconciler.control.manifest.locator import Path
from reconciler.resources.resource import ResourceKey


def test_a_place_in_a_file() -> None:
    assert str(Location("dir/a.yaml", 3, 7)) == "dir/a.yaml:3:7"


def test_line_0_is_the_file_as_a_whole() -> None:
    assert str(Location("a.yaml", 0, 0)) == "a.yaml"


def test_file_names_can_not_act_on_a_terminal() -> None:
    assert str(Location("a\x1b[2J\n\udcff.yaml", 1, 1)) == "a\\x1b[2J\\n\\udcff.yaml:1:1"


def test_a_document_counts_lines_from_the_file() -> None:
    document = Document({"spec": {"a": 1}}, "f.yaml", "---\nspec:\n  a: 1\n", line=10)
    assert document.locate(("spec", "a")) == Location("f.yaml", 12, 3)
    assert document.locate(("gone",)) == Location("f.yaml", 11, 1)


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (
            Problem(
                Location("f", 1, 2),
                "is wrong",
                key=ResourceKey("Provider", "default", "x"),
                field="spec.type",
                hint="mend it",
            ),
            "f:1:2: error: Provider/x: spec.type: is wrong; mend it",
        ),
        (Problem(Location("f", 1, 2), "is wrong", warning=True), "f:1:2: warning: is wrong"),
        (Problem(None, "is wrong", field="spec"), "error: spec: is wrong"),
        (
            Problem(None, "x", key=ResourceKey("Model", "team", "m\n")),
            "error: Model/team/m\\n: x",
        ),
    ],
)
def test_a_problem_is_one_line(problem: Problem, text: str) -> None:
    assert str(problem) == text


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("spec", "config", "baseURL"), "spec.config.baseURL"),
        (("spec", "aliases", 0), "spec.aliases[0]"),
        (("spec", "headers", "x-team", 1), "spec.headers.x-team[1]"),
        (("spec", "headers", "a.b"), 'spec.headers["a.b"]'),
        ((0, "a"), "[0].a"),
        (("", "a"), '[""].a'),
    ],
)
def test_a_path_reads_as_people_write_it(path: Path, text: str) -> None:
    assert field_path(path) == text


def test_long_and_odd_names_are_tamed() -> None:
    assert quoted('a"b\u202e') == '"a\\"b\\u202e"'
    assert len(quoted("x" * 1000)) == 66
    assert len(field_path(("x" * 50,) * 50)) == 160


def test_a_document_shows_nothing_of_its_text() -> None:
    assert repr(Document({"a": "canary"}, "f", "a: canary", 1)) == "Document(file='f', line=1, faulty=False)"


def test_problems_stand_in_the_order_of_the_files_and_their_lines() -> None:
    places = [("b", 2, 1), ("a", 9, 1), ("unknown", 1, 1), ("b", 1, 7), ("b", 1, 3)]
    problems = [*(Problem(Location(*place), "x") for place in places), Problem(None, "x")]
    assert [problem.location for problem in in_order(problems, ["b", "a", "b"])] == [
        None, ("b", 1, 3), ("b", 1, 7), ("b", 2, 1), ("a", 9, 1), ("unknown", 1, 1)
    ]  # fmt: skip


def test_nulls_inside_lists_stay() -> None:
    assert without_nulls({"a": None, "b": {"c": None}, "d": [None]}) == {"b": {}, "d": [None]}
