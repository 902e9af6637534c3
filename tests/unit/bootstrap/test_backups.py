from pathlib import Path

from fakes.doors import HandClock
from fakes.workshop import Workshop

from reconciler.bootstrap.backups import before_import
from reconciler.store.url import parse


def test_each_copy_has_a_file_of_its_own(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    made = [before_import(parse(str(shop.store)), HandClock()) for _ in range(2)]
    shop.close()
    assert made[0].parent == shop.store.parent / "backups"
    assert [path.stem.endswith("-2") for path in made] == [False, True]
    assert all(path.stat().st_size for path in made)
