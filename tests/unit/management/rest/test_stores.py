from pathlib import Path

from fakes.api import api

from reconciler.management.rest.stores import Stores


def test_what_bootstrap_gives_fits(tmp_path: Path) -> None:
    with api(tmp_path) as asked:
        stores: Stores = asked.ports.stores
        with stores.reading() as reader:
            assert reader.head() == 0
