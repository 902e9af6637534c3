import pytest

from reconciler.control.kustomize.inline import Inline, read_inline
from reconciler.control.manifest.document import Reading
from reconciler.control.manifest.reader import read_text

BLOCK = """\
patches:
  - target: {kind: Model}
    patch: |-
      # why
      kind: Model
      spec:
        a: 1
  - patch: |
        - op: add
          path: /a
"""


def inline(text: str, index: int = 0) -> Reading:
    (holder,) = read_text(f"# first line\n---\n{text}", "k.yaml").documents
    patches = holder.data["patches"]
    assert isinstance(patches, list)
    entry = patches[index]
    assert isinstance(entry, dict)
    written = entry["patch"]
    assert isinstance(written, str)
    return read_inline(holder, ("patches", index, "patch"), written)


def test_a_block_has_the_places_of_its_file() -> None:
    (document,) = inline(BLOCK).documents
    assert isinstance(document, Inline)
    assert document.data == {"kind": "Model", "spec": {"a": 1}}
    assert str(document.locate(("spec", "a"))) == "k.yaml:9:9"


def test_a_list_may_be_the_root() -> None:
    (document,) = inline(BLOCK, 1).documents
    assert document.items == [{"op": "add", "path": "/a"}]
    assert str(document.locate((0, "path"))) == "k.yaml:12:11"


def test_what_is_wrong_in_a_block_has_its_place() -> None:
    (problem,) = inline("patches:\n  - patch: |\n      a: 1\n      a: 2\n").problems
    assert str(problem.location) == "k.yaml:6:7"


@pytest.mark.parametrize(
    "text", ['patches: [{patch: "a: 1\\na: 2"}]\n', "patches:\n- patch: >-\n    a: 1\n\n    a: 2\n"]
)
def test_quoted_text_stands_where_its_key_does(text: str) -> None:
    (problem,) = inline(text).problems
    assert str(problem.location).startswith("k.yaml:")
    assert "(line 2 of the patch)" in problem.message
    assert problem.location is not None
    assert problem.location.line in (3, 4)


def test_quoted_documents_stand_there_too() -> None:
    (document,) = inline('patches: [{patch: "{a: {b: 1}}"}]').documents
    assert str(document.locate(("a", "b"))) == "k.yaml:3:12"


def test_several_documents_keep_their_places() -> None:
    first, second = inline("patches:\n- patch: |-\n    a: 1\n    ---\n    b: 2\n").documents
    assert (str(first.locate(("a",))), str(second.locate(("b",)))) == ("k.yaml:5:5", "k.yaml:7:5")


def test_an_empty_text_has_no_documents() -> None:
    assert inline('patches: [{patch: ""}]').documents == ()
