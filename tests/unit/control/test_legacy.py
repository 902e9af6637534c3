from fakes.states import stored
from fakes.workshop import model, simulator

from reconciler.control.legacy import holds_nothing_else
from reconciler.control.source import LEGACY_SOURCE


def test_a_store_counts_as_empty_while_it_holds_nothing_of_others() -> None:
    own = stored(simulator(), source=LEGACY_SOURCE)
    assert holds_nothing_else([])
    assert holds_nothing_else([own])
    assert not holds_nothing_else([own, stored(model())])
    assert not holds_nothing_else([stored(model(), source="github.com/acme/m")])
