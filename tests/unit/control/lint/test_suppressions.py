import pytest

from reconciler.control.lint.suppressions import Suppression, suppressions
from reconciler.control.manifest.document import Location

DOCUMENT = """\
kind: Model
spec:
  # routerctl-lint: disable=one, two because of it
  # another comment

  a: 1
  b: 2 # routerctl-lint: disable=three
"""


def found(text: str) -> list[Suppression]:
    return list(suppressions({"a.yaml": text}))


def spans(text: str) -> list[tuple[tuple[str, ...] | None, int, int]]:
    return [(each.ids, each.first, each.last) for each in found(text)]


def test_a_comment_counts_for_its_line_or_for_the_next_one_that_says_something() -> None:
    assert spans(DOCUMENT) == [(("one", "two"), 6, 6), (("three",), 7, 7)]
    assert [each.location for each in found(DOCUMENT)] == [Location("a.yaml", 3, 3), Location("a.yaml", 7, 8)]


@pytest.mark.parametrize("top", ["", "# licence\n\n", "---\n"])
def test_above_a_document_it_counts_for_all_of_it(top: str) -> None:
    text = f"{top}# routerctl-lint: disable=one\nkind: Model\nspec: {{}}\n---\nkind: Model\n"
    ((ids, first, last),) = spans(text)
    above = top.count("\n")
    assert (ids, first) == (("one",), 1)
    assert above + 3 <= last <= above + 4


def test_in_a_second_document_it_counts_for_that_one() -> None:
    text = "kind: A\n---\n# routerctl-lint: disable=one\nkind: B\nspec: {}\n"
    assert spans(text)[0][1:] >= (2, 5)
    assert not found(text)[0].covers("one", Location("a.yaml", 1, 1))
    assert found(text)[0].covers("one", Location("a.yaml", 5, 1))


@pytest.mark.parametrize("place", ["# routerctl-lint: disable-file=one\n---\nkind: A\n---\nkind: B\n"])
def test_it_may_count_for_the_file(place: str) -> None:
    (comment,) = found(place)
    assert comment.covers("one", Location("a.yaml", 5, 1))
    assert comment.covers("one", Location("a.yaml", 0, 0))
    assert not comment.covers("two", Location("a.yaml", 5, 1))
    assert not comment.covers("one", Location("b.yaml", 5, 1))
    assert not comment.covers("one", None)


@pytest.mark.parametrize(
    "words", ["", "disable", "disable=", "disable=a,", "enable=a", "disable=a;b", "disable=a.b", "disables=a"]
)
def test_what_can_not_be_understood(words: str) -> None:
    assert spans(f"a: 1 # routerctl-lint: {words}\n") == [(None, 1, 1)]


@pytest.mark.parametrize(
    "text",
    [
        'a: "x # routerctl-lint: disable=one"\n',
        "a: |\n  # routerctl-lint: disable=one\n",
        "a: >-\n  x\n  # routerctl-lint: disable=one\nb: 1\n",
        "a: x#routerctl-lint: disable=one\n",
        "a: 'x\n  # routerctl-lint: disable=one\n  y'\n",
    ],
)
def test_what_only_looks_like_a_comment(text: str) -> None:
    assert found(text) == []


def test_a_comment_behind_the_head_of_a_block_text_or_below_it_is_one() -> None:
    text = "a: | # routerctl-lint: disable=one\n  text\n# routerctl-lint: disable=two\nb: 1\n"
    assert spans(text) == [(("one",), 1, 1), (("two",), 4, 4)]


def test_line_breaks_of_all_kinds_count() -> None:
    assert spans("a: 1\r\nb: 2\rc: 3 # routerctl-lint: disable=one\r\n") == [(("one",), 3, 3)]


def test_a_file_that_is_no_yaml_is_searched_all_the_same() -> None:
    assert spans("a: [\n# routerctl-lint: disable=one\n") == [(("one",), 2, 2)]


def test_other_comments_are_none() -> None:
    assert found("# routerctl: disable=one\na: 1 # lint\n") == []
