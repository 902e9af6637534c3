"""How metrics name a provider: by its name, as where requests are counted, and beside that by its namespace."""

from typing import Final

from reconciler.resources.resource import DEFAULT_NAMESPACE

PROVIDER_LABELS: Final = ("provider", "namespace")


def provider_labels(key: str) -> tuple[str, str]:
    """`key` is as workers tell it: Provider/u1, or Provider/team/u1 outside of the default namespace."""
    namespace, _, name = key.removeprefix("Provider/").rpartition("/")
    return name, namespace or DEFAULT_NAMESPACE
