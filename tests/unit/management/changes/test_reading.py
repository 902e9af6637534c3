"""What it makes of bodies is in test_manifests.py; here are its bounds."""

from reconciler.control.manifest.limits import MAX_DEPTH as OF_A_MANIFEST
from reconciler.management.changes.reading import MAX_BYTES, MAX_DEPTH, MAX_VALUES
from reconciler.management.rest import bodies


def test_a_body_may_hold_more_than_one_resource_has() -> None:
    assert MAX_BYTES > bodies.MAX_YAML_BYTES
    assert MAX_VALUES > bodies.MAX_VALUES
    assert MAX_DEPTH > OF_A_MANIFEST
