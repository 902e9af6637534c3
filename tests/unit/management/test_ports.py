from dataclasses import fields
from pathlib import Path

from fakes.api import api

from reconciler.management.ports import Ports


def test_bootstrap_fills_them_all(tmp_path: Path) -> None:
    with api(tmp_path) as asked:
        assert all(getattr(asked.ports, each.name) is not None for each in fields(Ports))
