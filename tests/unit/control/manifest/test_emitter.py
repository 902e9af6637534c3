import pytest
from fakes.specs import AWKWARD, BROKEN_UP, texts
from hypothesis import given
from hypothesis import strategies as st

from reconciler.control.manifest.emitter import to_yaml
from reconciler.control.manifest.reader import read_text
from reconciler.json_types import JsonObject, JsonValue

scalars = st.none() | st.booleans() | st.integers(-(2**53 - 1), 2**53 - 1) | texts
keys = texts.filter(lambda key: key != "<<" and len(key) < 100)
values: st.SearchStrategy[JsonValue] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
mappings: st.SearchStrategy[JsonObject] = st.dictionaries(keys, values, min_size=1, max_size=4)


def read(text: str) -> list[JsonObject]:
    reading = read_text(text, "a.yaml")
    assert reading.problems == (), text
    return [document.data for document in reading.documents]


@given(st.lists(mappings, max_size=3))
def test_what_is_written_is_read_back(documents: list[JsonObject]) -> None:
    assert read(to_yaml(documents)) == documents


@pytest.mark.parametrize("text", [*AWKWARD, *BROKEN_UP, "", " ", "\n", "a" * 5000, "0", "-1", "0o7"])
def test_text_stays_text_wherever_it_stands(text: str) -> None:
    document: JsonObject = {"a": text, "b": [text, [text], {"c": text}], "d": {text[:100] or "e": text}}
    assert read(to_yaml([document])) == [document]


@given(mappings)
def test_nothing_of_it_can_act_on_a_terminal(document: JsonObject) -> None:
    assert to_yaml([document]).replace("\n", "").isprintable()


@given(mappings)
def test_no_line_ends_in_a_blank(document: JsonObject) -> None:
    text = to_yaml([document])
    assert text.endswith("\n")
    assert [line for line in text.split("\n") if line != line.rstrip()] == []


def test_how_it_looks() -> None:
    document: JsonObject = {
        "plain": "http://localhost:1/v1",
        "quoted": "yes",
        "number": 7,
        "duration": "1m30s",
        "nothing": None,
        "on": True,
        "lines": "one\n\n  two\n",
        "open": "one\ntwo",
        "empty": {},
        "none": [],
        "list": ["a", {"b": 1, "c": ["d"]}, ["e", "f"], [], "g\nh"],
    }
    assert to_yaml([document, {}]) == (
        "plain: http://localhost:1/v1\n"
        'quoted: "yes"\n'
        "number: 7\n"
        "duration: 1m30s\n"
        "nothing: null\n"
        '"on": true\n'
        "lines: |\n"
        "  one\n"
        "\n"
        "    two\n"
        "open: |-\n"
        "  one\n"
        "  two\n"
        "empty: {}\n"
        "none: []\n"
        "list:\n"
        "  - a\n"
        "  - b: 1\n"
        "    c:\n"
        "      - d\n"
        "  - - e\n"
        "    - f\n"
        "  - []\n"
        "  - |-\n"
        "    g\n"
        "    h\n"
        "---\n"
        "{}\n"
    )


def test_no_documents_give_no_text() -> None:
    assert to_yaml([]) == ""
