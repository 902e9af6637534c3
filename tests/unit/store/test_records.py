from reconciler.errors import Conflict, StoreError
from reconciler.store.records import EMPTY_STORE, StaleBase, StoreMissing


def test_a_stale_base_says_where_the_store_is_now() -> None:
    assert "now at revision 7; this was planned against revision 5" in str(StaleBase(base=5, head=7))
    assert "has moved; this was planned against revision 5" in str(StaleBase(base=5, head=None))
    assert StaleBase.exit_code == Conflict.exit_code


def test_a_missing_store_is_store_trouble() -> None:
    assert StoreMissing.exit_code == StoreError.exit_code


def test_before_the_first_revision_there_is_number_zero() -> None:
    assert (EMPTY_STORE.number, EMPTY_STORE.parent, EMPTY_STORE.digest) == (0, 0, "")
