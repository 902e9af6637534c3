import pytest

from reconciler.control.imperative.labelling import Texts
from reconciler.errors import Conflict
from reconciler.json_types import JsonObject

WHOLE: JsonObject = {"kind": "Model", "metadata": {"name": "m", "labels": {"a": "1", "b": "2"}}, "spec": {}}


def labels(texts: Texts, whole: JsonObject = WHOLE) -> object:
    made = texts.rewrite("Model/m")(whole)
    assert isinstance(made, dict)
    assert {**made, "metadata": None} == {**whole, "metadata": None}
    metadata = made["metadata"]
    assert isinstance(metadata, dict)
    assert metadata["name"] == "m"
    return metadata[texts.field]


def test_set_and_removed_one_by_one() -> None:
    assert labels(Texts("labels", {"c": "3"}, {"a", "zzz"})) == {"b": "2", "c": "3"}
    assert labels(Texts("annotations", {"c": "3"})) == {"c": "3"}
    assert labels(Texts("labels", {"a": "1"})) == {"a": "1", "b": "2"}


def test_another_value_is_replaced_only_where_that_is_said() -> None:
    texts = Texts("labels", {"a": "9", "b": "2"})
    with pytest.raises(
        Conflict, match=r"^Model/m has other labels already: a=1\n  replace them with --overwrite$"
    ):
        labels(texts)
    assert labels(Texts("labels", {"a": "9"}, overwrite=True)) == {"a": "9", "b": "2"}
