from typing import Any

import pytest
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from reconciler.control.manifest.explanations import explain
from reconciler.resources.kinds import KINDS


class Odd(BaseModel):
    """Errors that no field of ours raises yet."""

    form: str = Field("", pattern=r"^x$")
    above: int = Field(1, gt=0)
    items: list[int] = Field([], max_length=1)


def explained(spec: object, path: tuple[str, ...]) -> tuple[str, str | None]:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter[Any](Odd).validate_python(spec)
    return explain(caught.value.errors()[0], path, {}, "Model")


def test_a_form_without_words_of_its_own() -> None:
    assert explained({"form": "y"}, ("spec", "form")) == ("not of the form that is expected", None)


def test_an_error_without_words_of_its_own_has_pydantic_s() -> None:
    assert explained({"above": 0}, ("spec", "above")) == ("Input should be greater than 0", None)


def test_a_list_that_is_too_long() -> None:
    assert explained({"items": [1, 2]}, ("spec", "items")) == ("too long: at most 1", None)


def unknown(kind: str, *path: str) -> str | None:
    details: Any = {"type": "extra_forbidden", "loc": path, "msg": "", "input": None}
    message, hint = explain(details, path, {"spec": {"type": "simulator"}}, kind)
    assert message == f'unknown field "{path[-1]}"'
    return hint


@pytest.mark.parametrize(
    ("kind", "path", "known"),
    [
        ("Provider", ("spec", "config", "zzz"), "known here: text, latency, interval, chunkSize"),
        ("Provider", ("spec", "zzz"), "known here: displayName, description, enabled"),
        ("Provider", ("spec", "config", "apiKey", "zzz"), "known here: valueFrom, sealed"),
        ("Provider", ("spec", "config", "apiKey", "valueFrom", "zzz"), "known here: env, file, secret"),
        ("Provider", ("spec", "config", "apiKey", "valueFrom", "secret", "zzz"), "known here: name, key"),
        ("Secret", ("spec", "data", "K", "zzz"), "known here: value, sealed, valueFrom"),
        ("Secret", ("spec", "data", "K", "valueFrom", "zzz"), "known here: env, file"),
        ("Model", ("metadata", "zzz"), "known here: name, namespace, labels, annotations"),
    ],
)
def test_where_no_word_is_near_the_known_ones_are_told(kind: str, path: tuple[str, ...], known: str) -> None:
    assert (unknown(kind, *path) or "").startswith(known)


def test_where_nothing_is_known_nothing_is_told() -> None:
    assert unknown("Secret", "spec", "data", "K", "sealed", "zzz") is None
    assert unknown("Model", "metadata", "labels", "zzz") is None


def test_every_kind_knows_its_fields() -> None:
    for kind in KINDS:
        assert unknown(kind, "spec", "zzz")
