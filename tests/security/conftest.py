"""One gateway for all that attack a running one: `distribution.py` keeps them in one process."""

from collections.abc import Iterator

import pytest
from fakes.attacked import Fortress, fortress


@pytest.fixture(scope="package")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fortress]:
    with fortress(tmp_path_factory.mktemp("fortress"), workers=2) as made:
        yield made
