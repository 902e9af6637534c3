import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from reconciler.control.manifest import constructor
from reconciler.control.manifest.document import Reading
from reconciler.control.manifest.events import accelerated_events, pure_events
from reconciler.control.manifest.reader import read_mapping, read_paths, read_text
from reconciler.errors import InvalidInput
from reconciler.json_types import MAX_SAFE_INTEGER, JsonObject, JsonValue


def lines(reading: Reading) -> list[int]:
    return [document.line for document in reading.documents]


def test_several_documents_and_where_they_begin() -> None:
    text = "# head\na: 1\n---\n# more\nb: 2\n--- # third\nc: 3\n...\n"
    reading = read_text(text, "f")
    assert [document.data for document in reading.documents] == [{"a": 1}, {"b": 2}, {"c": 3}]
    assert lines(reading) == [1, 3, 6]
    assert "".join(document.text for document in reading.documents) == text
    assert [str(document.locate(())) for document in reading.documents] == ["f:2:1", "f:5:1", "f:7:1"]
    assert reading.files == ("f",)


@pytest.mark.parametrize("text", ["", "\n\n", "# a\n", "---", "---\n---\n", "--- # x\n...\n", "~", "\ufeff"])
def test_empty_documents_are_no_documents(text: str) -> None:
    assert read_text(text, "f") == Reading((), (), ("f",))


@pytest.mark.parametrize("text", ["- a", "text", "12", "[]", "--- |\n  x", "'---'"])
def test_a_document_is_a_mapping(text: str) -> None:
    (problem,) = read_text(f"\n{text}", "f").problems
    assert problem.location is not None
    assert problem.location.line == 2
    assert problem.message == "a document is a mapping with apiVersion, kind, metadata and spec"


def test_a_broken_document_hides_no_other() -> None:
    text = "a: 1\n---\nb: [\n---\nc: 3\n---\nd: 'x\n---\ne: 5\n---\nf: {g: 1.5}\n"
    reading = read_text(text, "f")
    assert [document.data for document in reading.documents if not document.faulty] == [
        {"a": 1},
        {"c": 3},
        {"e": 5},
    ]
    assert lines(reading) == [1, 4, 8, 10]
    assert [problem.location and problem.location.line for problem in reading.problems] == [4, 7, 11]


def test_dashes_inside_a_line_separate_nothing() -> None:
    reading = read_text("a: x---\nb: '--- y'\nc:\n - ---\n - |\n   ---\n   z\n----: 1\n", "f")
    assert [document.data for document in reading.documents] == [
        {"a": "x---", "b": "--- y", "c": ["---", "---\nz\n"], "----": 1}
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_of_all_systems(newline: str) -> None:
    text = newline.join(["a: 1", "---", "b:", "  c: 1.5", "---", "d: |", "  x", "  y", ""])
    reading = read_text(text, "f")
    assert [document.data for document in reading.documents if not document.faulty] == [
        {"a": 1},
        {"d": "x\ny\n"},
    ]
    assert lines(reading) == [1, 2, 5]
    assert str(reading.problems[0]).startswith("f:4:6: error: b.c: floats are not used")


def test_a_byte_order_mark_is_skipped_at_the_beginning_only() -> None:
    assert read_text(b"\xef\xbb\xbfa: 1\n", "f").documents[0].locate(("a",))[1:] == (1, 1)
    (problem,) = read_text("a: 1\n\ufeffb: 2\n", "f").problems
    assert str(problem) == "f:2:1: error: the character U+FEFF can't stand in a manifest; delete it"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_are_named(encoding: str) -> None:
    (problem,) = read_text("a: 1".encode(encoding), "f").problems
    assert str(problem) == "f: error: this is UTF-16 or UTF-32; save the file as UTF-8"


def test_bytes_that_are_no_utf_8_have_a_place() -> None:
    reading = read_text(b"a: 1\n---\nb: \xc3\xa9\xff\n---\nc: 1\n", "f")
    assert [str(problem) for problem in reading.problems] == [
        "f:3:5: error: this is not UTF-8; save the file as UTF-8"
    ]
    assert len(reading.documents) == 2


@pytest.mark.parametrize(
    "character", ["\0", "\x07", "\x1b", "\x7f", "\x85", "\x9f", "\u2028", "\u2029", "\uffff"]
)
def test_characters_that_can_not_stand_in_a_manifest(character: str) -> None:
    (problem,) = read_text(f"abc: 1\nd: x{character}y", "f").problems
    assert str(problem) == (
        f"f:2:5: error: the character U+{ord(character):04X} can't stand in a manifest; delete it"
    )


def test_lone_surrogates_are_no_utf_8() -> None:
    (problem,) = read_text("a: \ud800", "f").problems
    assert problem.message == "this is not UTF-8"


def test_other_scripts_are_fine() -> None:
    assert read_text("ключ: 値 😀\n", "f").documents[0].data == {"ключ": "値 😀"}


def test_files_folders_and_stdin(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("b: 1\n---\nb: [\n")
    (tmp_path / "a.yaml").write_text("a: 1\n")
    gone = str(tmp_path / "gone")
    reading = read_paths([str(tmp_path), gone, "-"], io.BytesIO(b"c: 1.5\n---\nd: 1\n"))
    assert [document.data for document in reading.documents if not document.faulty] == [
        {"a": 1},
        {"b": 1},
        {"d": 1},
    ]
    assert reading.files == (str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml"), gone, "stdin")
    assert [problem.location and problem.location[:2] for problem in reading.problems] == [
        (str(tmp_path / "b.yaml"), 4),
        (gone, 0),
        ("stdin", 1),
    ]


def test_a_file_that_is_no_manifest(tmp_path: Path) -> None:
    file = tmp_path / "routerctl.yaml"
    file.write_text("source: x\n")
    found = read_mapping(file)
    assert found is not None
    assert found.data == {"source": "x"}
    file.write_text("# nothing yet\n")
    assert read_mapping(file) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", ":2:1: error: a value or"),
        ("a: 1\n---\nb: 2", ":3:1: error: a second"),
        ("- a", "is a mapping"),
    ],
)
def test_a_broken_file_that_is_no_manifest(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "routerctl.yaml"
    file.write_text(text)
    with pytest.raises(InvalidInput, match=message):
        read_mapping(file)


json_values: st.SearchStrategy[JsonValue] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
    | st.sampled_from(
        ["yes", "1e3", "1.5", "0o17", "null", "~", "*", "a: b", "# x", "2001-01-01", "<<", "---", ""]
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
documents = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
    json_values,
    max_size=5,
)


@given(st.lists(documents, max_size=3), st.booleans())
def test_what_ruamel_writes_is_read_as_it_was(written: list[JsonObject], flow: bool) -> None:
    yaml = YAML(typ="safe")
    yaml.default_flow_style = flow
    stream = io.StringIO()
    yaml.dump_all(written, stream)
    text = stream.getvalue()
    # what some programs take for line breaks is written raw by some emitters and refused here
    if any(character in text for character in "\x7f\x85\u2028\u2029\ufeff\ufffe\uffff"):
        return
    reading = read_text(text, "f")
    assert reading.problems == ()
    assert (
        [document.data for document in reading.documents] == written == list(YAML(typ="safe").load_all(text))
    )


fragments = st.lists(
    st.sampled_from(
        ["a", "b: ", "- ", "\n", "  ", "{", "}", "[", "]", ", ", "'", '"', "&x ", "*x", "!t ", "---", "...", "%Y", "|",
         ">", "? ", ": ", "#", "\t", "\r", "1.5", "<<: ", "\\", "\\x", "~", "\0", "é", "\u2028", "@"]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@given(st.text() | fragments)
def test_any_text_gives_documents_or_problems(text: str) -> None:
    for source in (accelerated_events, pure_events):
        reading = read_text(text, "f", source=source)
        count = text.count("\n") + text.count("\r") + 2
        for problem in reading.problems:
            assert problem.location is not None
            assert 0 <= problem.location.line <= count
            assert str(problem)
        for document in reading.documents:
            assert isinstance(document.data, dict)
            for key in document.data:
                place = document.locate((key,))
                assert document.locate(()).line <= place.line <= count


@given(st.binary())
def test_any_bytes_give_documents_or_problems(content: bytes) -> None:
    reading = read_text(content, "f")
    assert all(isinstance(document.data, dict) for document in reading.documents)


def test_a_text_may_begin_further_down_and_hold_lists() -> None:
    reading = read_text("- a: 1\n---\nb: 2\n", "k.yaml", line=5, lists=True)
    first, second = reading.documents
    assert (first.items, first.data, second.items) == ([{"a": 1}], {}, None)
    assert [str(first.locate((0, "a"))), str(second.locate(("b",)))] == ["k.yaml:5:3", "k.yaml:7:1"]
    assert not read_text("- a: 1\n", "k.yaml").documents


def test_addresses_between_brackets_are_read_within_the_limits_and_with_their_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "apiVersion: v1\nspec: {url: http://localhost:11434, models: [qwen3:8b, b]}\n"
    (document,) = read_text(text, "f").documents
    assert document.data["spec"] == {"url": "http://localhost:11434", "models": ["qwen3:8b", "b"]}
    assert document.locate(("spec", "models", 1)) == ("f", 2, text.splitlines()[1].index("b]") + 1)
    (twice,) = read_text("{u: http://x, u: 2}", "f").problems
    assert (twice.message, twice.location) == ("this key is given twice, first at f:1:2", ("f", 1, 15))
    (deep,) = read_text("[a:b, " * 65 + "]" * 65, "f").problems
    assert "more than 64 collections" in deep.message
    monkeypatch.setattr(constructor, "MAX_NODES", 50)
    (many,) = read_text("[" + "a:b," * 51 + "]", "f").problems
    assert "more than 50 keys and values" in many.message
