import pytest

from reconciler.json_types import JsonValue
from reconciler.resources.kinds import KINDS
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.structure import ATOMIC, FREE, Shape, Structure, structure_of_object
from reconciler.resources.structure_data import structure_data, structure_from

KEYED = Structure(Shape.KEYED_LIST, values=ATOMIC, keys=("name",))
OBJECT = structure_of_object({"type": "object", "properties": {"spec": {"type": "array"}}})


@pytest.mark.parametrize(
    "structure", [ATOMIC, KEYED, OBJECT, Structure(Shape.SECRET), Structure(Shape.GRANULAR)], ids=repr
)
def test_it_comes_back_as_it_was(structure: Structure) -> None:
    assert structure_from(structure_data(structure)) == structure


def test_what_holds_itself_comes_back_as_itself() -> None:
    assert structure_from(structure_data(FREE)) is FREE


@pytest.mark.parametrize("kind", KINDS)
def test_so_do_all_kinds(kind: str) -> None:
    structure = structure_of_kind(kind)
    assert structure_from(structure_data(structure)) == structure


@pytest.mark.parametrize(
    "data", [None, 1, [], "round", {}, {"shape": "granular", "properties": []}, {"shape": "set", "keys": 1}]
)
def test_what_is_none_is_refused(data: JsonValue) -> None:
    with pytest.raises((TypeError, ValueError)):
        structure_from(data)
