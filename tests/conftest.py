"""What every test may use. Fixtures live beside the fakes that they start."""

pytest_plugins = ["fakes.local_model"]
