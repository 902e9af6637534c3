import pytest

from reconciler.control.kustomize.kustomization import Selection
from reconciler.control.kustomize.piece import Piece
from reconciler.control.kustomize.selector import TargetError, target_of
from reconciler.control.manifest.document import Document
from reconciler.json_types import JsonObject

DATA: JsonObject = {
    "apiVersion": "routerctl.dev/v1",
    "kind": "Model",
    "metadata": {"name": "small", "labels": {"tier": "gold"}, "annotations": {"owner": "ada"}},
}
PIECE = Piece(DATA, Document(DATA, "f", "", 1))
MOVED = PIECE.remembering().with_metadata("namespace", "prod").with_metadata("name", "p-small")


@pytest.mark.parametrize(
    "selection",
    [
        Selection(),
        Selection(kind="Model", name=""),
        Selection(kind="Mod.*", group=r"router.*\.dev", version="v1", name="s.*l", namespace="default"),
        Selection(labelSelector="tier in (gold)", annotationSelector="owner"),
    ],
)
def test_what_is_meant(selection: Selection) -> None:
    assert target_of(selection).fits(PIECE)


@pytest.mark.parametrize(
    "selection",
    [
        Selection(kind="Mod"),
        Selection(kind="Provider|Binding"),
        Selection(name="mall"),
        Selection(namespace="prod"),
        Selection(version="v2"),
        Selection(group="other"),
        Selection(labelSelector="tier=tin"),
        Selection(annotationSelector="!owner"),
    ],
)
def test_what_is_not_meant(selection: Selection) -> None:
    assert not target_of(selection).fits(PIECE)


def test_the_first_name_counts_as_well_as_the_present_one() -> None:
    for name, namespace in (("small", "default"), ("p-small", "prod"), ("small", "prod")):
        assert target_of(Selection(name=name, namespace=namespace)).fits(MOVED)
    assert not target_of(Selection(name="other")).fits(MOVED)


def test_what_a_comparison_costs() -> None:
    costs = [
        target_of(selection).cost
        for selection in (Selection(), Selection(kind="a"), Selection(kind="a.*", labelSelector="a,b"))
    ]
    assert costs == sorted(set(costs))


@pytest.mark.parametrize(
    ("selection", "word", "message"),
    [
        (Selection(name="(a"), "name", "no usable pattern: a \\( without"),
        (Selection(labelSelector="a b"), "labelSelector", "no label selector"),
        (Selection(annotationSelector=","), "annotationSelector", "no label selector"),
    ],
)
def test_what_is_no_target(selection: Selection, word: str, message: str) -> None:
    with pytest.raises(TargetError, match=message) as caught:
        target_of(selection)
    assert caught.value.word == word
