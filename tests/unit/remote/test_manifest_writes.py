"""What it does is told by test_writes.py and tests/behaviour/both_ways."""

from reconciler.remote.manifest_writes import RemoteManifestWrites
from reconciler.remote.writes import RemoteWrites


def test_it_is_a_part_of_what_writes_remotely() -> None:
    for name in ["consider", "apply", "apply_import", "plan", "apply_plan", "adopt"]:
        assert getattr(RemoteWrites, name) is getattr(RemoteManifestWrites, name)
