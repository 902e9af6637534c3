"""What requests cost, by the prices that were in force when each began."""

from collections import deque
from collections.abc import Iterable
from typing import TypeAlias

from reconciler.gateway.cost import PricesByBinding, cost
from reconciler.protocol.usage import Usage
from reconciler.snapshot.model import Snapshot
from reconciler.snapshot.prices import Prices

Place: TypeAlias = tuple[int, str, str | None]
"""Revision, namespace, and the Binding that answered."""

_REMEMBERED = 8
"""Snapshots whose prices are known: a request is paid for as it was when it began."""
_REMEMBERED_PRICES = 64
"""Of so many namespaces of them."""


class Costs:
    """`published` is called by the event loop's thread, the rest by the courier's."""

    def __init__(self) -> None:
        self._snapshots: deque[Snapshot] = deque(maxlen=_REMEMBERED)
        self._prices: dict[tuple[int, str], PricesByBinding] = {}
        self._read: Snapshot | None = None
        """The newest one when prices were read: a later one of the same revision may have a provider more."""

    @property
    def newest(self) -> Snapshot | None:
        return self._snapshots[-1] if self._snapshots else None

    @property
    def remembered(self) -> tuple[Snapshot, ...]:
        return tuple(self._snapshots)

    def published(self, snapshot: Snapshot) -> None:
        self._snapshots.append(snapshot)

    def of(self, places: Iterable[Place], usages: Iterable[Usage | None]) -> list[int | None]:
        """Of each, as `cost` tells it."""
        asked = list(places)
        if self._read is not self.newest:
            self._read = self.newest
            self._prices.clear()
        price = {place: self._price(*place) for place in {*asked}}
        prices = [price[place] for place in asked]
        return [
            None if usage is None or price is None else cost(usage, price)
            for usage, price in zip(usages, prices, strict=True)
        ]

    def _price(self, revision: int, namespace: str, binding: str | None) -> Prices | None:
        """Of the Model whose Binding answered, which a Route may have put in the place of what was asked."""
        if binding is None:
            return None
        prices = self._prices.get((revision, namespace))
        if prices is None:
            prices = self._prices_at(revision, namespace)
        return prices.get(binding)

    def _prices_at(self, revision: int, namespace: str) -> PricesByBinding:
        prices: PricesByBinding = {}
        snapshot = next(
            (each for each in reversed(tuple(self._snapshots)) if each.revision == revision), None
        )
        if snapshot is not None:
            candidates = (each for model in snapshot.namespace(namespace).listed for each in model.candidates)
            told = ((each.binding, each.prices) for each in candidates)
            prices = {binding: price for binding, price in told if binding and price is not None}
        if len(self._prices) >= _REMEMBERED_PRICES:
            self._prices.clear()
        self._prices[revision, namespace] = prices
        return prices
