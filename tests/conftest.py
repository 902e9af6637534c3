"""What every test may use. Fixtures live beside the fakes that they start."""

import pytest
from hypothesis import settings
from sizes import is_long, size, told

settings.register_profile(
    "patient", deadline=None, max_examples=size("CASES")
)  # a busy machine is no failure
settings.load_profile("patient")

pytest_plugins = ["distribution", "fakes.command", "fakes.kubectl", "fakes.local_model"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Coverage is that of the unit tests: measuring doubles the time, and the others cover nothing that these should not."""
    for item in items:
        if item.get_closest_marker("slow") or "unit" not in item.path.parts:
            item.add_marker("no_cover")


def pytest_report_header() -> list[str]:
    return told() if is_long() else []
