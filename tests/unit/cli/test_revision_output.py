from collections import Counter
from dataclasses import replace

from reconciler.cli.revision_output import commit_text, manager_of, revision_json
from reconciler.store.records import Revision

REVISION = Revision(
    3, 2, "2026-01-01T00:00:00Z", "ada", "here", "1a2b3c4d5e6f", False, "why", "apply", "sha256:0"
)


def test_a_commit_is_short_and_says_whether_it_was_all() -> None:
    assert commit_text(REVISION) == "1a2b3c4d5e"
    assert commit_text(replace(REVISION, dirty=True)) == "1a2b3c4d5e+"
    assert commit_text(replace(REVISION, commit=None)) is None


def test_the_json_of_a_revision() -> None:
    assert revision_json(REVISION, Counter({"ADDED": 2, "DELETED": 1})) == {
        "number": 3,
        "parent": 2,
        "time": "2026-01-01T00:00:00Z",
        "actor": "ada",
        "operation": "apply",
        "manager": "git:here",
        "source": "here",
        "commit": "1a2b3c4d5e6f",
        "dirty": False,
        "message": "why",
        "digest": "sha256:0",
        "changes": {"created": 2, "updated": 0, "deleted": 1},
    }


def test_a_revision_that_declares_has_a_manager() -> None:
    assert manager_of(replace(REVISION, operation="up")) == "git:here"
    assert manager_of(replace(REVISION, source=None)) == "cli:ada"
    assert manager_of(replace(REVISION, source=None, actor="token:ci")) == "api:token:ci"
    assert manager_of(replace(REVISION, operation="rollback", source=None)) is None
