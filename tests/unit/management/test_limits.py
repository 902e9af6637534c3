from reconciler.management.limits import declared, waiting
from reconciler.store.counters import Counters
from reconciler.store.observations import WorkerRow


def worker(limits: Counters, revision: int = 3) -> WorkerRow:
    return WorkerRow("w", 1, 0, 0, revision, (), {"limits": limits})


def test_of_two_workers_the_one_with_the_newer_revision_knows_the_limits() -> None:
    newer = worker({"Provider/p": {"maxConcurrent": {"limit": 8}, "waiting": 1}}, revision=4)
    older = worker(
        {
            "Provider/p": {"maxConcurrent": {"limit": 6}, "tokensPerMinute": {"limit": 9}, "waiting": 0},
            "Provider/q": {"requestsPerMinute": {"limit": 5}},
        }
    )
    expected = {"Provider/p": {"maxConcurrent": 8}, "Provider/q": {"requestsPerMinute": 5}}
    assert declared([newer, older]) == expected
    assert declared([older, newer]) == expected
    assert waiting(newer) == {"Provider/p": 1}


def test_what_has_another_shape_is_left_out() -> None:
    strange = worker(
        {"Provider/p": 1, "Provider/q": {"waiting": [], "a": 3, "b": {}, "c": {"limit": "x"}}}  # type: ignore[dict-item]  # so it is
    )
    silent = WorkerRow("w", 1, 0, 0, 3)
    assert declared([strange, silent]) == {"Provider/q": {}}
    assert (waiting(strange), waiting(silent)) == ({}, {})
