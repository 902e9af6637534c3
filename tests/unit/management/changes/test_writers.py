from pathlib import Path

from fakes.api import api
from fakes.writing import someone

from reconciler.management.changes.writers import WritesOf


def test_bootstrap_fills_it_for_each_principal(tmp_path: Path) -> None:
    with api(tmp_path) as asked:
        port: WritesOf = asked.ports.writes
        assert port(someone()).resume is not None
        assert port(someone()) is not port(someone())
