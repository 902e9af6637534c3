"""What `route explain` tells beside the decision: who is asked again, and what live workers report."""

from collections.abc import Iterable, Iterator

from reconciler.bootstrap.reporting import reported_of
from reconciler.cli.reading import observing_of
from reconciler.cli.session import Session
from reconciler.control.reported import Reported
from reconciler.json_types import JsonObject
from reconciler.snapshot.model import RoutedCandidate

__all__ = ["Reported", "reported_by_workers", "reported_json", "reported_lines", "retry_lines"]


def retry_lines(order: Iterable[RoutedCandidate]) -> Iterator[str]:
    """Nothing where each is asked once."""
    told = {each.candidate.provider: each.candidate.retry for each in order}
    lines = [f"  {provider}: {retry.words()}" for provider, retry in told.items() if retry is not None]
    if lines:
        yield ""
        yield "Asked again, before the next one is:"
        yield from lines


def reported_by_workers(session: Session, order: Iterable[RoutedCandidate]) -> Reported:
    """Raises StoreError."""
    with observing_of(session) as observing:
        return reported_of(order, observing)


def reported_lines(found: Reported) -> Iterator[str]:
    yield ""
    if found.age is None:
        yield "No worker is live, so nobody reports how these do."
        return
    workers = "1 live worker reports" if found.workers == 1 else f"{found.workers} live workers report"
    yield f"What {workers}, heard {found.age:.1f} s ago or later (it is no part of the decision above):"
    if not found.words:
        yield "  nothing against any of them"
    for word in found.words:
        model = f", model {word.model}" if word.model else ""
        yield f"  {word.provider}{model}: {word.what}, {word.text}"


def reported_json(found: Reported) -> JsonObject:
    return {
        "workers": found.workers,
        "ageMilliseconds": None if found.age is None else round(found.age * 1000),
        "candidates": [word.as_json() for word in found.words],
    }
