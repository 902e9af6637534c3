from pathlib import Path

from fakes.store import commit_all, provider, put
from fakes.workers import live_worker

from reconciler.cli.resource_rows import rows_of
from reconciler.cli.session import Session
from reconciler.store.reader import Reader


def test_resources_with_what_is_known_of_them(tmp_path: Path) -> None:
    path = tmp_path / "r.db"
    commit_all(path, [put(provider("a"))])
    live_worker(path, revision=1)
    with Reader(path) as reader, rows_of(Session({}, str(path)), reader) as rows:
        (whole,) = rows.of(reader.list("Provider"))
        (ready,) = rows.of(reader.list("Provider"), ready_only=True)
    assert [condition.type for condition in whole.conditions] == [
        "Accepted",
        "ResolvedRefs",
        "Programmed",
        "Ready",
        "Healthy",
    ]
    assert ready.conditions == whole.conditions[-2:]
    assert whole.conditions[-1].last_transition_time is not None
