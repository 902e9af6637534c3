from reconciler.control.deletion_text import deletion_text, waits_text
from reconciler.resources.resource import Resource, ResourceKey


def test_since_when_and_what_for() -> None:
    key = ResourceKey("Model", "default", "m")
    marked = Resource(key, {}, finalizers=("a", "b"), deletion_timestamp="2026-01-01T00:00:00Z")
    assert deletion_text(marked) == "being deleted since 2026-01-01T00:00:00Z, waits for finalizers: a, b"
    assert waits_text(["a"]) == "waits for finalizers: a"
