import sys
from pathlib import Path

import pytest
from fakes.package import install

from reconciler.api.upkeep import Finding
from reconciler.bootstrap.doctor.packages import package_findings
from reconciler.provider_types.catalog import Catalog

ROW = """
from dataclasses import replace
from reconciler.provider_types.openai_compatible import OPENAI_COMPATIBLE
A = replace(OPENAI_COMPATIBLE, name="a-llm")
"""


def findings(monkeypatch: pytest.MonkeyPatch, folder: Path) -> list[Finding]:
    monkeypatch.setattr(sys, "path", [str(folder)])
    monkeypatch.setattr("reconciler.bootstrap.doctor.packages.PROVIDER_TYPES", Catalog())
    return [*package_findings()]


def test_without_packages_there_is_nothing_to_tell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert findings(monkeypatch, tmp_path) == []


def test_what_they_give_and_what_is_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    install(tmp_path, "acme", "a-llm = doctor_acme:A\nodd = doctor_acme:NO", {"doctor_acme.py": ROW})
    good, bad = findings(monkeypatch, tmp_path)
    assert (good.level, "a-llm of acme 1.0.0" in good.message) == ("ok", True)
    assert (bad.level, "provider type odd of the package acme" in bad.message) == ("error", True)
