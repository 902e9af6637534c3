"""What every test may use. Fixtures live beside the fakes that they start."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)  # a busy machine is no failure
settings.load_profile("patient")

pytest_plugins = ["distribution", "fakes.command", "fakes.local_model"]
