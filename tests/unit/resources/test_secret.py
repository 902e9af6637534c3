import pytest
from pydantic import ValidationError

from reconciler.resources.secret import SecretSpec


@pytest.mark.parametrize(
    "entry",
    [
        {"value": "sk-1"},
        {"sealed": "v-1"},
        {"valueFrom": {"env": "A"}},
        {"valueFrom": {"file": "/run/secrets/a"}},
    ],
)
def test_an_entry(entry: dict[str, object]) -> None:
    assert SecretSpec.model_validate({"data": {"K": entry}}).data["K"] is not None


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("sk-1", "expected a mapping; write {value: ...}, {sealed: ...} or {valueFrom: ...}"),
        ({}, "expected exactly one of value, sealed, valueFrom"),
        ({"value": "a", "sealed": "v-1"}, "expected exactly one of value, sealed, valueFrom"),
        ({"valueFrom": {}}, "expected exactly one of env, file in valueFrom"),
        ({"valueFrom": {"env": "A", "file": "b"}}, "expected exactly one of env, file in valueFrom"),
    ],
)
def test_an_entry_has_one_way_to_its_value(entry: object, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        SecretSpec.model_validate({"data": {"K": entry}})
    assert [item["msg"] for item in caught.value.errors()] == [message]


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"data": {}},
        {"data": {"a b": {"value": "x"}}},
        {"data": {"K": {"value": ""}}},
        {"data": {"K": {"sealed": "1"}}},
        {"data": {"K": {"valueFrom": {"env": "*"}}}},
        {"data": {"K": {"valueFrom": {"secret": {"name": "a", "key": "b"}}}}},
        {"data": {"K": {"value": "x"}}, "hosts": ["a b"]},
        {"data": {"K": {"value": "x"}}, "hosts": ["http://a"]},
        {"data": {"K": {"value": "x"}}, "hosts": ["a"] * 257},
    ],
)
def test_what_is_no_secret(spec: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        SecretSpec.model_validate(spec)
    assert "'x'" not in str(caught.value)
