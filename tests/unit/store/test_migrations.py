from pathlib import Path

from fakes.store import commit_all, provider, put

from reconciler.store.files import SCHEMA_VERSION
from reconciler.store.migrations import MIGRATIONS, Migration, back_up, due
from reconciler.store.reader import Reader


def test_those_are_due_that_are_newer_than_the_store() -> None:
    steps = (Migration(2, ()), Migration(3, ()))
    assert due(2, steps) == steps[1:]
    assert due(3, steps) == ()


def test_the_list_leads_to_this_versions_schema_one_by_one() -> None:
    assert [step.version for step in MIGRATIONS] == list(range(2, SCHEMA_VERSION + 1))


def test_a_backup_is_a_store_and_replaces_no_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    commit_all(path, [put(provider("a"))])
    copies = [back_up(path, 1), back_up(path, 1)]
    assert copies[0] != copies[1]
    for copy in copies:
        with Reader(copy) as reader:
            assert list(reader.state()) == [provider("a").key]
