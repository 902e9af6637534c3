from reconciler.control.kustomize.piece import (
    Composed,
    Identity,
    Origin,
    Piece,
    composed,
    differences,
    identity_of,
)
from reconciler.control.manifest.document import Document
from reconciler.control.manifest.reader import read_text
from reconciler.json_types import JsonObject

BASE = "apiVersion: g/v1\nkind: Model\nmetadata: {name: m}\nspec:\n  a: 1\n  b: {c: 2}\n"
PATCH = "# a patch\nspec:\n  b:\n    c: 3\n"


def document(text: str, file: str) -> Document:
    return read_text(text, file).documents[0]


def test_an_identity_is_read_of_what_is_there() -> None:
    assert identity_of(document(BASE, "f").data) == Identity("g", "v1", "Model", "default", "m")
    assert identity_of({"apiVersion": "v1", "metadata": {"namespace": "n", "name": 3}}) == Identity(
        "", "v1", "", "n", ""
    )
    assert identity_of({"apiVersion": 1, "metadata": []}) == Identity("", "", "", "default", "")


def test_it_remembers_what_it_was_called() -> None:
    piece = Piece(document(BASE, "f").data, document(BASE, "f"))
    renamed = piece.remembering().with_metadata("name", "n")
    assert (renamed.identity.name, renamed.original.name, piece.original.name) == ("n", "m", "m")


def test_what_has_no_metadata_gets_none() -> None:
    piece = Piece({"metadata": "x"}, document(BASE, "f"))
    assert piece.with_metadata("name", "n") is piece
    assert piece.texts("labels") == {}


def test_texts_are_those_that_are_texts() -> None:
    piece = Piece({"metadata": {"labels": {"a": "b", "c": 1}}}, document(BASE, "f"))
    assert piece.texts("labels") == {"a": "b"}


def test_differences_are_the_topmost_paths() -> None:
    before: JsonObject = {"a": {"b": 1, "c": 1}, "gone": 1}
    after: JsonObject = {"a": {"b": 2, "c": 1}, "new": {"x": 1}, "l": [1]}
    assert list(differences(before, after)) == [("a", "b"), ("new",), ("l",)]
    assert list(differences(1, True)) == [()]
    assert list(differences({"a": 1}, {"a": 1})) == []


def test_a_place_is_where_the_value_was_written_last() -> None:
    base, patch = document(BASE, "base.yaml"), document(PATCH, "patch.yaml")
    piece = Piece(base.data, base).changed(base.data, Origin(("spec", "b"), patch, ("spec", "b")))
    made = composed(piece, "overlays/prod")
    assert isinstance(made, Composed)
    assert made.overlay == "overlays/prod"
    assert base.overlay is None
    assert str(made.locate(("spec", "a"))) == "base.yaml:5:3"
    assert str(made.locate(("spec", "b", "c"))) == "patch.yaml:4:5"
    assert str(made.locate(("spec", "b", "missing"))) == "patch.yaml:3:3"
