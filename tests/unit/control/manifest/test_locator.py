import pytest

from reconciler.control.manifest.events import Events, accelerated_events, pure_events
from reconciler.control.manifest.locator import Path, locate, scalar_spans

TEXT = """\
---
# a comment
apiVersion: routerctl.dev/v1
metadata: {name: x, labels: {team: a}}
spec:
  config:
    baseURL: http://x
    headers: &h
      x-team: b
  aliases:
  - one
  - two
  - - nested
  copy: *h
  "quoted key": 1
  ? explicit
  : here
"""


@pytest.mark.parametrize("source", [accelerated_events, pure_events])
@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), (3, 1)),
        (("apiVersion",), (3, 1)),
        (("metadata",), (4, 1)),
        (("metadata", "name"), (4, 12)),
        (("metadata", "labels", "team"), (4, 30)),
        (("spec",), (5, 1)),
        (("spec", "config", "baseURL"), (7, 5)),
        (("spec", "config", "headers", "x-team"), (9, 7)),
        (("spec", "aliases"), (10, 3)),
        (("spec", "aliases", 0), (11, 5)),
        (("spec", "aliases", 1), (12, 5)),
        (("spec", "aliases", 2, 0), (13, 7)),
        (("spec", "quoted key"), (15, 3)),
        (("spec", "explicit"), (16, 5)),
    ],
)
def test_the_key_or_item_of_a_path(source: Events, path: Path, place: tuple[int, int]) -> None:
    assert locate(TEXT, path, source=source) == place


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("nothing",), (3, 1)),
        (("spec", "nothing", "below"), (5, 1)),
        (("spec", "config", "baseURL", "below"), (7, 5)),
        (("spec", "aliases", 9), (10, 3)),
        (("spec", "aliases", "key"), (10, 3)),
        (("spec", 0), (5, 1)),
        (("spec", "copy", "x-team"), (14, 3)),
        (("metadata", "labels", "gone"), (4, 21)),
    ],
)
def test_the_nearest_ancestor_that_is_written(path: Path, place: tuple[int, int]) -> None:
    assert locate(TEXT, path) == place


@pytest.mark.parametrize("text", ["", "# nothing\n", "a: [", "'"])
def test_a_text_without_the_path_has_a_beginning(text: str) -> None:
    assert locate(text, ("b",)) == (1, 1)


def test_complex_keys_are_stepped_over() -> None:
    assert locate("[a, {b: c}]: 1\nb: 2\n", ("b",)) == (2, 1)


def test_what_stands_above_broken_text_is_found() -> None:
    assert locate("a: 1\nb:\n  c: 2\nd: [", ("b", "c")) == (3, 3)
    assert locate("a: 1\nb:\n  c: 2\nd: [", ("z",)) == (1, 1)


def test_of_two_equal_keys_the_first_counts() -> None:
    assert locate("x: 1\na: 1\na: 2\n", ("a",)) == (2, 1)


def test_where_scalars_go() -> None:
    text = 'a: "x y"\nb: | # head\n  text\n# comment\nc: [d]\n'
    assert list(scalar_spans(text)) == [
        ((0, 0), (0, 1)),
        ((0, 3), (0, 8)),
        ((1, 0), (1, 1)),
        ((2, 0), (3, 0)),
        ((4, 0), (4, 1)),
        ((4, 4), (4, 5)),
    ]
    assert list(scalar_spans("a: b\nc: [")) == [((0, 0), (0, 1)), ((0, 3), (0, 4)), ((1, 0), (1, 1))]
