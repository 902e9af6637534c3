"""What every test may use. Fixtures live beside the fakes that they start."""

from hypothesis import settings
from sizes import is_long, size, told

# A busy machine is no failure, so there is no deadline.
settings.register_profile("patient", deadline=None, max_examples=size("CASES"))
settings.load_profile("patient")

pytest_plugins = ["distribution", "fakes.command", "fakes.kubectl", "fakes.local_model"]


def pytest_report_header() -> list[str]:
    return told() if is_long() else []
