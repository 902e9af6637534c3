"""Only types stand there: that the store fits them is for mypy, that it works for this test."""

from pathlib import Path

from fakes.workshop import PROVIDER, Workshop, simulator

from reconciler.snapshot.source import HeadSignal, Source
from reconciler.store.events import HeadSignal as StoreSignal


def test_the_stores_reader_is_a_source(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    source: Source = shop.reader
    signal: HeadSignal = StoreSignal(shop.store)
    signal.moved()
    shop.write("a.yaml", simulator())
    shop.apply()
    assert signal.moved()
    assert not signal.moved()
    assert source.head() == 1
    assert [key for key, _ in source.changes_between(0, 1)] == [PROVIDER]
    assert source.state_at(1).keys() == {PROVIDER}
    assert source.claims() == 0
    with source.consistent():
        assert source.head() == 1
