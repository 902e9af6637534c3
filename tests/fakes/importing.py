"""Findings, asked for by name."""

from pathlib import Path

import pytest

from reconciler.control.importing import foreign_types
from reconciler.control.importing.findings import Findings
from reconciler.json_types import JsonObject
from reconciler.provider_types.catalog import PROVIDER_TYPES
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey

DATA = Path(__file__).parents[1] / "data" / "import"


def without_types(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """A catalog in which these are not."""
    left = {name: row for name, row in PROVIDER_TYPES.items() if name not in names}
    monkeypatch.setattr(foreign_types, "PROVIDER_TYPES", left)


def specs(findings: Findings) -> dict[str, JsonObject]:
    """By `Kind/name`."""
    return {str(resource.key): resource.spec for resource in findings.resources}


def losses(findings: Findings) -> dict[str, str]:
    return {loss.field: loss.why for loss in findings.losses}


def secrets(findings: Findings) -> dict[str, str]:
    """By the field of the source, what it holds."""
    return {secret.field: secret.value.reveal() for secret in findings.secrets}


def key(kind: str, name: str) -> ResourceKey:
    return ResourceKey(kind, DEFAULT_NAMESPACE, name)
