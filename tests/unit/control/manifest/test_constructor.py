import pytest

from reconciler.control.manifest.document import Problem
from reconciler.control.manifest.events import Events, accelerated_events, pure_events
from reconciler.control.manifest.reader import read_text
from reconciler.control.manifest.scalars import UNREAD
from reconciler.json_types import JsonObject

both = pytest.mark.parametrize("source", [accelerated_events, pure_events])


def data(text: str, source: Events = accelerated_events) -> JsonObject:
    reading = read_text(text, "f", source=source)
    assert reading.problems == ()
    return reading.documents[0].data


def problems(text: str, source: Events = accelerated_events) -> list[str]:
    reading = read_text(text, "f", source=source)
    assert all(document.faulty for document in reading.documents)
    return [str(problem) for problem in reading.problems]


@both
def test_collections_and_texts(source: Events) -> None:
    text = 'a: {b: [1, "2", ~], c: {}}\nd: []\ne: >-\n  folded\n  text\nf:\n- - x\n- y: z\n'
    assert data(text, source) == {
        "a": {"b": [1, "2", None], "c": {}},
        "d": [],
        "e": "folded text",
        "f": [["x"], {"y": "z"}],
    }


@both
def test_json_is_yaml(source: Events) -> None:
    assert data('{\n\t"a": [true, null, -1],\n\t"b": "\\u00e9\\/\\n"}', source) == {
        "a": [True, None, -1],
        "b": "é/\n",
    }


def test_quoted_keys_may_look_like_anything() -> None:
    assert data("'1': a\n\"null\": b\n'<<': c\n'': d") == {"1": "a", "null": "b", "<<": "c", "": "d"}


def test_plain_keys_that_are_text() -> None:
    assert data("yes: 1\non: 2\n-x: 3\n1s: 4\n<x: 5\n2001-01-01: 6") == {
        "yes": 1,
        "on": 2,
        "-x": 3,
        "1s": 4,
        "<x": 5,
        "2001-01-01": 6,
    }


@both
@pytest.mark.parametrize("key", ["1", "null", "true", "~", "1.5", "0x1F", "9" * 40])
def test_keys_that_are_no_text_are_refused(source: Events, key: str) -> None:
    assert problems(f"a:\n  {key}: x", source) == [
        "f:2:3: error: a: a key must be text; put the key in quotes"
    ]


@both
@pytest.mark.parametrize("key", ["{x: y}", "[x]", "? {{ template }}\n"])
def test_collections_are_no_keys(source: Events, key: str) -> None:
    assert problems(f"{key} : 1", source)[0].endswith(
        "error: a key must be text; a text that begins with { or [ goes in quotes"
    )


def test_a_template_is_told_to_be_text() -> None:
    assert problems("a: {{ name }}") == [
        "f:1:5: error: a: a key must be text; a text that begins with { or [ goes in quotes"
    ]


@both
def test_a_key_given_twice_names_the_first(source: Events) -> None:
    text = "spec:\n  config:\n    url: one\n    other: x\n    url: two\n"
    (problem,) = read_text(f"---\n{text}", "f", source=source).problems
    assert problem.location is not None
    assert (problem.location.line, problem.location.column) == (6, 5)
    assert problem.field == "spec.config.url"
    assert problem.message == "this key is given twice, first at f:4:5"


def test_equal_keys_in_different_writing() -> None:
    assert problems("a: 1\n'a': 2\n") == [
        "f:2:1: error: a: this key is given twice, first at f:1:1; keep one of the two"
    ]


def test_merge_keys_are_refused() -> None:
    assert problems("a: &x {b: 1}\nc:\n  <<: *x\n") == [
        "f:3:3: error: c: merge keys (<<) are not used; write the fields out"
    ]


@both
@pytest.mark.parametrize(
    "tagged",
    ["!x 1", "!!str 1", "!!python/object/apply:os.system [x]", "! 1", "!!map {a: 1}", "!<y> x", "!env HOME"],
)
def test_tags_are_refused(source: Events, tagged: str) -> None:
    (problem,) = problems(f"a: 1\nb: {tagged}", source)
    assert problem.startswith("f:2:4: error: ")
    assert problem.endswith(
        "tags (a word that begins with !) are not used; delete the tag, or quote the text"
    )


def test_tags_on_keys_and_on_the_root_are_refused() -> None:
    assert problems("!k a: 1")[0].startswith("f:1:1: error: tags ")
    assert problems("--- !k\na: 1")[0].startswith("f:1:5: error: tags ")


@both
@pytest.mark.parametrize(
    "written", ["1.5", "99999999999999999999", "!t x", "!!int '5'", "*gone", '"\\0"', "&x 1.5"]
)
def test_what_can_not_be_read_is_left_out(source: Events, written: str) -> None:
    for text in (f"a: {written}\nb: 1", f"<<: 1\nb: 1\na: {written}"):
        (document,) = read_text(text, "f", source=source).documents
        assert document.faulty
        assert document.data["a"] is UNREAD
        assert document.data["b"] == 1


def test_what_an_alias_stands_for_is_left_out_as_well() -> None:
    (document,) = read_text("a: &x {b: 1.5}\nc: *x", "f").documents
    assert document.data == {"a": {"b": UNREAD}, "c": {"b": UNREAD}}


def test_a_tag_takes_nothing_from_a_collection() -> None:
    (document,) = read_text("a: !t {b: 1}", "f").documents
    assert document.data == {"a": {"b": 1}}


def test_keys_that_are_faulty_hold_nothing_and_the_first_of_equal_ones_counts() -> None:
    (document,) = read_text("1: x\n<<: {y: 1}\na: 1\na: 2\na: 3\n1: z", "f").documents
    assert document.data == {"1": UNREAD, "<<": UNREAD, "a": 1}


def test_every_fault_of_a_document_is_reported() -> None:
    text = "spec:\n  a: 1.5\n  b: [x, .5]\n  a: !t x\n  1: y\n  c: {d: [{e: 99999999999999999999}]}\n"
    found = read_text(text, "f").problems
    assert [(problem.field, problem.location and problem.location[1:]) for problem in found] == [
        ("spec.a", (2, 6)),
        ("spec.b[1]", (3, 10)),
        ("spec.a", (4, 3)),
        ("spec.a", (4, 6)),
        ("spec", (5, 3)),
        ("spec.c.d[0].e", (6, 15)),
    ]


def test_no_value_is_echoed() -> None:
    canary = "sk-CANARY"
    texts = [
        f"apiKey: !x {canary}",
        f"apiKey: {canary}\napiKey: {canary}",
        f"apiKey: {canary}: x",
        f"apiKey: '{canary}",
        f"apiKey: {canary}\n {canary}: {canary}",
        f"apiKey: *{canary}",
        f"apiKey: [{canary}\n",
        f'apiKey: "\\q{canary}"',
        f'apiKey: "\\0{canary}"',
        f"- {canary}",
        canary,
    ]
    for text in texts:
        reading = read_text(text, "f")
        assert reading.problems, text
        assert "CANARY" not in repr(reading), text


@both
def test_aliases_are_copies(source: Events) -> None:
    found = data("a: &x {b: [1]}\nc: *x\nd: &y 5\ne: *y\nf: [*x, &z 'q', *z]\n", source)
    assert found == {"a": {"b": [1]}, "c": {"b": [1]}, "d": 5, "e": 5, "f": [{"b": [1]}, "q", "q"]}
    assert found["a"] is not found["c"]


def test_an_anchor_that_is_used_again_stands_for_the_newest() -> None:
    assert data("a: &x 1\nb: *x\nc: &x 2\nd: *x") == {"a": 1, "b": 1, "c": 2, "d": 2}


def test_an_anchor_on_a_key_stands_for_its_text() -> None:
    assert data("&k a: 1\nb: *k") == {"a": 1, "b": "a"}


@both
def test_an_alias_without_anchor(source: Events) -> None:
    assert problems("a: {b: [x, *y]}", source) == [
        'f:1:12: error: a.b[1]: this alias has no anchor; a text that begins with * goes in quotes: "*"'
    ]


def test_anchors_do_not_reach_into_the_next_document() -> None:
    reading = read_text("a: &x 1\n---\nb: *x", "f")
    assert [document.faulty for document in reading.documents] == [False, True]
    assert len(reading.problems) == 1


@both
@pytest.mark.parametrize("text", ["a: &x [*x]", "a: &x {b: {c: [*x]}}", "&x a: &x\n  b: *x"])
def test_an_alias_inside_of_what_it_stands_for(source: Events, text: str) -> None:
    (problem,) = problems(text, source)
    assert problem.endswith("this alias stands inside what it stands for; write the value out")


def test_an_alias_as_a_key() -> None:
    assert problems("a: &x b\n*x : 1") == ["f:2:1: error: an alias can't be a key; write the key out"]


@pytest.mark.parametrize("text", [r'a: "\0"', r'a: ["\x00"]', r'a: "b\u0000"'])
def test_nul_is_refused(text: str) -> None:
    (problem,) = problems(text)
    assert problem.endswith("this text holds the character NUL; delete the escape")


def test_without_libyaml_a_second_document_is_refused_alike() -> None:
    (problem,) = problems("a: 1\n...\nb: 2", pure_events)
    assert problem == "f:3:1: error: a second document begins here; put a line --- before it"
    assert problems("a: 1\n...\nb: 2")[0].startswith(
        "f:3:1: error: this does not belong to the document above"
    )


def test_a_broken_document_still_tells_its_name() -> None:
    found: list[Problem] = []
    found += read_text("kind: Model\nmetadata: {name: x, namespace: team}\nspec: {a: 1.5}", "f").problems
    found += read_text("kind: Model\nmetadata: {name: x}\nspec: [", "f").problems
    assert [str(problem.key) for problem in found] == ["Model/team/x", "Model/x"]


@pytest.mark.parametrize(
    "text",
    [
        "kind: 1\nmetadata: {name: x}",
        "kind: A\nmetadata: x",
        "kind: A\nmetadata: {name: 1}",
        "- 1.5",
        "kind: A",
    ],
)
def test_a_broken_document_may_have_no_name(text: str) -> None:
    problem, *_ = read_text(f"{text}\n...\n!", "f").problems
    assert problem.key is None
