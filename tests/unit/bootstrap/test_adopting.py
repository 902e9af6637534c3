"""The behaviours are in tests/unit/control/test_adopt.py and tests/unit/cli/commands/test_adopt.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.workshop import PROVIDER, Workshop, simulator

from reconciler.api.writes import Adoption as Asked
from reconciler.bootstrap.adopting import adopt_now
from reconciler.bootstrap.authors import at_this_machine
from reconciler.control.adopt import Adopted
from reconciler.control.intake import take_in, wanted
from reconciler.errors import InvalidInput, NotFound
from reconciler.resources.principal import local_principal
from reconciler.store.url import parse


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path)
    made.write("a.yaml", simulator())
    made.apply(source="old")
    yield made
    made.close()


def ask(shop: Workshop, asked: Asked) -> Adopted:
    return adopt_now(asked, parse(str(shop.store)), {}, shop.clock, at_this_machine(local_principal("ada")))


def test_the_source_of_what_was_read_adopts(shop: Workshop) -> None:
    done = ask(shop, Asked([PROVIDER], shop.wanted(), None, dry_run=True))
    assert (done.source, shop.stored().source) == (str(shop.folder), "old")
    ask(shop, Asked([PROVIDER], shop.wanted(), None))
    assert (shop.stored().source, shop.stored().path) == (str(shop.folder), "a.yaml")


def test_a_source_without_files_is_known(shop: Workshop) -> None:
    with pytest.raises(NotFound, match="the store knows no source zzz"):
        ask(shop, Asked([PROVIDER], None, "zzz"))
    assert ask(shop, Asked([PROVIDER], None, "old")).source == "old"


def test_stdin_alone_is_no_source(shop: Workshop) -> None:
    nobody = wanted(take_in([str(shop.folder)]), ["-"], None)
    with pytest.raises(InvalidInput, match="stdin has no source"):
        ask(shop, Asked([PROVIDER], nobody, None))
