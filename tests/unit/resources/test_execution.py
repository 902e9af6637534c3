import pytest
from pydantic import ValidationError

from reconciler.json_types import JsonObject
from reconciler.resources.execution import Execution


def test_all_of_it_may_be_left_out() -> None:
    assert Execution.model_validate({}) == Execution(timeout=None, maxRetries=None, maxParallelWorkers=None)
    Execution.model_validate({"timeout": "2m", "maxRetries": 0, "maxParallelWorkers": 64})


@pytest.mark.parametrize(
    "spec",
    [{"maxRetries": 5}, {"maxRetries": -1}, {"maxParallelWorkers": 0}, {"timeout": 30}, {"streaming": True}],
)
def test_what_it_refuses(spec: JsonObject) -> None:
    with pytest.raises(ValidationError):
        Execution.model_validate(spec)
