"""Records of requests by hand.

write(path, row(id="a", status=503), row(id="b"))
"""

from contextlib import closing
from pathlib import Path

from reconciler.store.traffic import Bodies, TrafficWriter
from reconciler.store.traffic_batch import Columns, RequestRow

NOW = 1_790_000_000_000
"""Milliseconds of the epoch: 2026-09-21T14:13:20Z."""

PLAIN = RequestRow(
    id="req-1",
    time=NOW,
    instance="w-1",
    namespace="default",
    revision=3,
    endpoint="chat",
    asked="m",
    model="m",
    provider="p",
    binding="b",
    status=200,
    ending="complete",
    stream=0,
    attempts=1,
    trail=None,
    tokens_in=10,
    tokens_out=20,
    estimated=0,
    cost="0.00003",
    duration=12_345,
    first_byte=11_000,
    own=80,
)


def row(**changes: object) -> RequestRow:
    return PLAIN._replace(**changes)  # type: ignore[arg-type]  # fields by name


def columns(*rows: RequestRow) -> Columns:
    return {name: [getattr(each, name) for each in rows] for name in RequestRow._fields}


def write(path: Path, *rows: RequestRow, bodies: tuple[Bodies, ...] = ()) -> None:
    """One batch."""
    with closing(TrafficWriter(path)) as writer:
        writer.write(columns(*rows), bodies)
