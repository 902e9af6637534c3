"""A management API with records behind it.

with recorded(tmp_path) as asked:
asked.get("/v1/requests").json()["requests"]
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from fakes.api import Asked, api
from fakes.traffic import NOW, row, write

from reconciler.clock import SystemClock
from reconciler.store.traffic import Bodies

HOUR = 3_600_000
TRAIL = '{"attempts":[{"provider":"q","binding":"b","status":null,"failure":"timeout","reason":"took 1 s","micros":5}],"skipped":[]}'
ROWS = (
    row(id="req-1", client="ada", session="s", time=NOW - HOUR, finish_reason="stop"),
    row(
        id="req-2",
        client="ada",
        session="s",
        provider="q",
        status=503,
        ending="refused",
        trail=TRAIL,
        stream=1,
    ),
    row(id="req-3", client="bob", session="s", namespace="team-a", model=None, asked="=cmd()", cost=None),
    row(id="req-4", client="bob", session="conv-1", tokens_in=None, tokens_out=None, cost=None),
    row(id="req-5", endpoint="embeddings", status=499, ending="gone"),
)
BODIES = (
    Bodies("req-1", NOW, b'{"model":"m"}', 13, b'{"choices":[{"finish_reason":"stop"}]}', 38),
    Bodies("req-2", NOW, b'{"mod', 900, b"not json", 8),
)


class Frozen(SystemClock):
    """It is a minute after the records' NOW."""

    def now(self) -> datetime:
        return datetime.fromtimestamp(NOW / 1000 + 60, UTC)


@contextmanager
def recorded(folder: Path) -> Iterator[Asked]:
    with api(folder, clock=Frozen()) as asked:
        write(asked.location.traffic_path, *ROWS[:2], bodies=BODIES)
        write(asked.location.traffic_path, *ROWS[2:])
        yield asked
