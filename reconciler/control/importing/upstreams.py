"""Providers that several models share: one for each place, key and whatever else tells two apart."""

from collections.abc import Callable

from reconciler.control.importing.collecting import Collector, Draft


class Upstreams:
    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._made: dict[tuple[str, ...], list[Draft]] = {}

    def of(self, identity: tuple[str, ...], model: str, make: Callable[[], Draft | None]) -> Draft | None:
        """One that does not serve the model yet: a Model is bound to a Provider once. None where there can be none."""
        made = self._made.setdefault(identity, [])
        for draft in made:
            if self._collector.bound(model, draft.key.name) is None:
                return draft
        another = make()
        if another is not None:
            made.append(another)
        return another
