"""The gate of the data plane: what its flags let in, and what the snapshot in force does."""

from collections.abc import Iterable

from reconciler.listener.guard import Gate, rules
from reconciler.listener.pages import NO_PAGES, Pages, pages
from reconciler.provider_types.endpoints import MULTIPART_PATHS
from reconciler.snapshot.model import Snapshot
from reconciler.snapshot.web_pages import NO_WEB_PAGES, WebPages


def gate_of(hosts: Iterable[str], origins: Iterable[str]) -> Gate:
    return Gate(rules(hosts, origins, MULTIPART_PATHS))


def turn(gate: Gate, snapshot: Snapshot) -> None:
    """From the next request on."""
    gate.turn(keyed=snapshot.clients.required, pages=_pages(snapshot.web_pages))


def _pages(told: WebPages) -> Pages:
    if told == NO_WEB_PAGES:
        return NO_PAGES
    return pages(
        told.origins,
        credentials=told.credentials,
        headers=told.headers,
        max_age=told.max_age,
        every=told.every,
    )
