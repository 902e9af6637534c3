import pytest
from pydantic import ValidationError

from reconciler.resources.binding import BindingSpec


def test_the_least_that_a_binding_says() -> None:
    spec = BindingSpec.model_validate({"model": "m", "provider": "p"})
    assert (spec.enabled, spec.priority, spec.upstreamModel) == (True, None, None)


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"model": "m"},
        {"model": "m", "provider": "p", "enabled": "yes"},
        {"model": "m", "provider": "p", "priority": "1"},
        {"model": "m", "provider": "p", "priority": 2**53},
        {"model": "m/n", "provider": "p"},
        {"model": "m", "provider": "p", "upstreamModel": ""},
        {"model": "m", "provider": "p", "upstreamModel": "x-*"},
        {"model": "m", "provider": "p", "upstreamModel": "**"},
        {"model": "m", "provider": "p", "weight": 1},
    ],
)
def test_what_is_no_binding(spec: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        BindingSpec.model_validate(spec)


def test_an_asterisk_for_the_name_stands_alone() -> None:
    assert (
        BindingSpec.model_validate({"model": "m", "provider": "p", "upstreamModel": "*"}).upstreamModel == "*"
    )
    with pytest.raises(ValidationError, match="stands alone"):
        BindingSpec.model_validate({"model": "m", "provider": "p", "upstreamModel": "x-*"})
