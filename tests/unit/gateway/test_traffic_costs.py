from dataclasses import replace

from fakes.serving import candidate, http_upstream, namespace, served, snapshot

from reconciler.gateway.traffic_costs import Costs
from reconciler.protocol.usage import Usage
from reconciler.snapshot.model import Snapshot
from reconciler.snapshot.prices import Prices

MILLION = 10**15
"""What a million tokens at a dollar cost."""


def priced(revision: int, price: str) -> Snapshot:
    upstream = candidate(http_upstream("p", "http://p.test/v1"))
    paid = replace(upstream, binding="paid", prices=Prices.of({"input": price}))
    free = replace(upstream, binding="free")
    return snapshot(namespace(served("m", paid), served("free", free)), revision)


def test_each_by_the_price_of_its_revision_and_binding() -> None:
    costs = Costs()
    assert costs.newest is None
    for revision in (7, 8):
        costs.published(priced(revision, str(revision)))
    assert costs.newest is not None
    assert costs.newest.revision == 8
    places = [(7, "default", "paid"), (8, "default", "paid"), (6, "default", "paid"), (7, "other", "paid")]
    million = Usage(1_000_000, 0, 0)
    assert costs.of(places, [million] * 4) == [7 * MILLION, 8 * MILLION, None, None]
    unknown = [(8, "default", "free"), (8, "default", None), (8, "default", "paid"), (8, "default", "paid")]
    assert costs.of(unknown, [million, million, None, Usage(0, 1, 1)]) == [None] * 4


def test_prices_of_many_namespaces_are_looked_up_anew() -> None:
    costs = Costs()
    costs.published(priced(7, "1"))
    places = [(7, f"team-{number}", "paid") for number in range(200)]
    costs.of(places, [None] * len(places))
    assert costs.of([(7, "default", "paid")], [Usage(1_000_000, 0, 0)]) == [MILLION]


def test_what_came_into_force_at_the_same_revision_has_its_price() -> None:
    costs = Costs()
    costs.published(snapshot(namespace(), 7))
    places, million = [(7, "default", "paid")], [Usage(1_000_000, 0, 0)]
    assert costs.of(places, million) == [None]
    costs.published(priced(7, "2"))
    assert costs.remembered[-1] is costs.newest
    assert costs.of(places, million) == [2 * MILLION]
