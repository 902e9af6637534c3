from reconciler.json_types import JsonValue
from reconciler.snapshot.executing import UNSAID, Execution, execution
from reconciler.snapshot.model import Policy
from reconciler.snapshot.retries import Retry


def of(**told: JsonValue) -> Execution:
    return execution({"execution": told})


def test_nothing_said_is_nothing() -> None:
    assert execution({}) is UNSAID
    assert of() is UNSAID
    assert of(maxRetries=0) == UNSAID
    assert UNSAID.policy is None


def test_what_is_said() -> None:
    found = of(timeout="90s", maxRetries=2, maxParallelWorkers=8)
    assert found == Execution(90.0, Retry(attempts=3), 8)
    assert found.policy == Policy(total=90.0, by_settings=True)
