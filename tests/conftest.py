"""What every test may use. Fixtures live beside the fakes that they start."""

import gc
import os

import pytest
from hypothesis import settings
from sizes import is_long, size, told

from reconciler import compiled
from reconciler import settings as own_settings

if os.environ.get("ROUTERCTL_TEST_COMPILED"):
    assert compiled.take(), "there is no compiled form of these sources: make compile"
else:
    os.environ[own_settings.COMPILED] = "no"

# A busy machine is no failure, so there is no deadline.
settings.register_profile("patient", deadline=None, max_examples=size("CASES"))
settings.load_profile("patient")

pytest_plugins = ["distribution", "fakes.command", "fakes.kubectl", "fakes.local_model", "fakes.managed"]


def pytest_report_header() -> list[str]:
    return told() if is_long() else []


def pytest_collection_finish(session: pytest.Session) -> None:
    """13,000 tests and their modules live to the end. The collector needs not go through them again and again."""
    del session
    gc.collect()
    gc.freeze()
