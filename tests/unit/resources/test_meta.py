import pytest
from pydantic import ValidationError

from reconciler.resources.meta import Metadata
from reconciler.resources.resource import SYSTEM_METADATA


def test_the_namespace_is_default_where_none_is_given() -> None:
    metadata = Metadata.model_validate({"name": "a"})
    assert (metadata.namespace, metadata.labels, metadata.annotations) == ("default", {}, {})


@pytest.mark.parametrize(
    "labels",
    [{"team": "search"}, {"example.com/team": ""}, {"a": "A.b_c-9"}, {"x" * 63: "y" * 63}],
)
def test_a_label(labels: dict[str, str]) -> None:
    assert Metadata.model_validate({"name": "a", "labels": labels}).labels == labels


@pytest.mark.parametrize(
    "labels",
    [
        {"": "a"},
        {"-a": "b"},
        {"a b": "c"},
        {"a": "b c"},
        {"a": "b" * 64},
        {"a" * 64: "b"},
        {"Example.com/a": "b"},
        {"a/b/c": "d"},
        {"a": 1},
        {"a": None},
        {"a\n": "b"},
        {"a": "b\n"},
    ],
)
def test_what_is_no_label(labels: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Metadata.model_validate({"name": "a", "labels": labels})


def test_an_annotation_holds_any_text_of_bounded_length() -> None:
    text = "a\nb: c" + "x" * 16_000
    assert Metadata.model_validate({"name": "a", "annotations": {"a": text}}).annotations == {"a": text}
    with pytest.raises(ValidationError):
        Metadata.model_validate({"name": "a", "annotations": {"a": "x" * 16_385}})


def test_what_the_system_writes_is_not_declared() -> None:
    assert SYSTEM_METADATA & set(Metadata.model_fields) == set()
