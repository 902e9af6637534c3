"""What people are told of a resource that waits for its finalizers."""

from collections.abc import Sequence

from reconciler.resources.resource import Resource


def deletion_text(resource: Resource) -> str:
    """Of one that is being deleted: since when, and what it waits for."""
    return f"being deleted since {resource.deletion_timestamp}, {waits_text(resource.finalizers)}"


def waits_text(finalizers: Sequence[str]) -> str:
    return f"waits for finalizers: {', '.join(finalizers)}"
