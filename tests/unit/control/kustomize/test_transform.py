from reconciler.control.kustomize.kustomization import Kustomization, parse
from reconciler.control.kustomize.loader import Folder, Overlaid
from reconciler.control.kustomize.piece import Piece, composed
from reconciler.control.kustomize.transform import transformed
from reconciler.control.manifest.reader import read_text

MODEL = "apiVersion: routerctl.dev/v1\nkind: Model\nmetadata: {name: m, labels: {a: old}}\nspec: {}\n"
SETTINGS = "apiVersion: routerctl.dev/v1\nkind: Settings\nmetadata: {name: default}\nspec: {}\n"


def after(text: str, manifest: str = MODEL) -> Piece:
    (document,) = read_text(text, "k.yaml").documents
    wants = parse(document)
    assert isinstance(wants, Kustomization)
    (base,) = read_text(manifest, "base.yaml").documents
    (piece,) = transformed([Piece(base.data, base)], Overlaid(Folder("o", "/o"), document, wants))
    return piece


def test_nothing_is_asked_for() -> None:
    piece = after("resources: []")
    assert piece.data is piece.base.data


def test_all_at_once() -> None:
    piece = after(
        "namespace: n\nnamePrefix: p-\nnameSuffix: -s\nlabels: [{pairs: {a: new, b: null}}]\ncommonAnnotations: {c: d}\n"
    )
    assert piece.metadata() == {
        "name": "p-m-s",
        "namespace": "n",
        "labels": {"a": "new", "b": ""},
        "annotations": {"c": "d"},
    }
    assert [identity[3:] for identity in piece.earlier] == [("default", "m"), ("n", "m")]
    assert (piece.prefixes, piece.suffixes) == (("p-",), ("-s",))
    places = [
        composed(piece, "o").locate(("metadata", *path))
        for path in (("namespace",), ("labels", "b"), ("name",))
    ]
    assert [str(place) for place in places] == ["k.yaml:1:1", "k.yaml:4:27", "base.yaml:3:12"]


def test_settings_keep_their_name_and_go_the_same_way() -> None:
    piece = after("namePrefix: p-\n", SETTINGS)
    assert piece.identity.name == "default"
    assert piece.prefixes == ("p-",)
    other = after("nameSuffix: -s\n", SETTINGS.replace("routerctl.dev/v1", "other/v1"))
    assert other.identity.name == "default-s"


def test_what_can_hold_nothing_is_left_to_those_who_check_it() -> None:
    for metadata in ("metadata: x", "metadata: {name: 1, labels: [a]}"):
        piece = after("namePrefix: p-\nlabels: [{pairs: {a: b}}]\n", f"kind: Model\n{metadata}\n")
        assert piece.data == piece.base.data
