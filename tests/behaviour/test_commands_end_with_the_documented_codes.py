"""0 done, 1 differences, 2 usage, 3 invalid or not found, 4 conflict or guard, 5 store or secret, 6 nothing serves,
7 timed out, 8 refused by a worker, 70 a bug, 74 the output takes no more.
"""

import pytest
from fakes.command import Routerctl, manifest, served
from fakes.workers import live_worker


@pytest.fixture
def applied(routerctl: Routerctl) -> Routerctl:
    routerctl.apply(served("m", priority=1))
    return routerctl


def test_0_for_what_is_done_or_the_same(applied: Routerctl) -> None:
    for words in (["apply"], ["diff"], ["validate"]):
        assert applied(*words, "-f", applied.manifests).code == 0


def test_1_for_differences_and_only_for_them(applied: Routerctl) -> None:
    applied.write("a.yaml", served("m", priority=2))
    assert applied("diff", "-f", applied.manifests).code == 1
    applied.write("a.yaml", "{")
    assert applied("diff", "-f", applied.manifests).code == 3


@pytest.mark.parametrize(
    "words",
    [
        ["zzz"],
        ["get"],
        ["get", "models", "--zzz"],
        ["diff"],
        ["rollback", "first"],
        ["get", "models", "-o", "xml"],
    ],
)
def test_2_for_wrong_usage(applied: Routerctl, words: list[str]) -> None:
    assert applied(*words).code == 2


@pytest.mark.parametrize(
    "words",
    [
        ["get", "model", "zzz"],
        ["get", "zzz"],
        ["describe", "model", "zzz"],
        ["show", "9"],
        ["rollback", "9"],
        ["resume", "zzz"],
        ["export", "--revision", "9"],
        ["schema", "zzz"],
        ["apply", "-f", "/no/such/path"],
    ],
)
def test_3_for_what_is_not_there(applied: Routerctl, words: list[str]) -> None:
    done = applied(*words)
    assert done.code == 3
    assert "error: " in done.err


def test_3_for_what_is_invalid_and_nothing_is_written(applied: Routerctl) -> None:
    applied.write("a.yaml", served("m", priority=2), manifest("Model", "n", {"zzz": 1}))
    for verb in ("apply", "diff", "validate"):
        assert applied(verb, "-f", applied.manifests).code == 3
    applied.write(
        "a.yaml", served("m", priority=2), manifest("Binding", "b", {"model": "m", "provider": "zzz"})
    )
    done = applied("apply", "-f", applied.manifests)
    assert (done.code, "refers to Provider/zzz, which does not exist" in done.err) == (3, True)
    assert applied.ok("history", "-o", "name") == "revision/1\n"


def test_4_for_a_field_that_somebody_else_holds(applied: Routerctl) -> None:
    other = applied.folder / "other.yaml"
    other.write_text(served("m", priority=2))
    done = applied("apply", "-f", other, "--source", "other")
    assert (done.code, "--force-conflicts" in done.err) == (4, True)


def test_4_for_a_prune_of_everything(applied: Routerctl) -> None:
    applied.write("a.yaml", "")
    assert applied("apply", "-f", applied.manifests, "--prune").code == 4


@pytest.mark.parametrize(
    "words",
    [
        ["get", "models"],
        ["describe", "models"],
        ["history"],
        ["show"],
        ["export"],
        ["rollback", "1"],
        ["resume", "s"],
    ],
)
def test_5_without_a_store_and_what_makes_one(routerctl: Routerctl, words: list[str]) -> None:
    done = routerctl(*words)
    assert (done.code, done.out) == (5, "")
    assert (
        done.err
        == f"error: no store at {routerctl.db}\n  make one with: routerctl --db {routerctl.db} apply -f DIR\n"
    )


def test_5_for_a_store_that_is_none(routerctl: Routerctl) -> None:
    routerctl.db.parent.mkdir()
    routerctl.db.write_text("this is no database, and longer than its header would be" * 20)
    done = routerctl("get", "models")
    assert (done.code, "Traceback" in done.err) == (5, False)
    assert routerctl.plain("--db", "mysql://h/d", "get", "models").code == 5


def test_5_for_the_key_of_another_store(routerctl: Routerctl) -> None:
    secret = manifest("Secret", "s", {"data": {"K": {"value": "sk-canary"}}})
    routerctl.apply(secret)
    routerctl.monkeypatch.setenv("ROUTERCTL_ENCRYPTION_KEY", "not-a-key")
    done = routerctl("apply", "-f", routerctl.manifests)
    assert (done.code, "not-a-key" in done.err) == (5, False)


def test_6_where_nothing_serves(applied: Routerctl) -> None:
    done = applied("apply", "-f", applied.manifests, "--wait")
    assert (done.code, done.err.splitlines()[-2:]) == (
        6,
        [
            "error: revision 1 is stored, but nothing serves this store",
            f"  start it with: routerctl --db {applied.db} up",
        ],
    )
    assert applied("rollback", "1", "--wait").code == 6


def test_7_where_a_worker_lags(applied: Routerctl) -> None:
    live_worker(applied.db, revision=0)
    done = applied("apply", "-f", applied.manifests, "--wait", "--timeout", "0")
    assert (done.code, "w1 (pid 7) serves 0" in done.err) == (7, True)


def test_8_where_a_worker_refuses(applied: Routerctl) -> None:
    live_worker(applied.db, revision=1, refused=(("Provider/m", "no key"),))
    done = applied("apply", "-f", applied.manifests, "--wait")
    assert (done.code, "Provider/m: no key" in done.err) == (8, True)


def test_5_for_a_folder_and_what_to_name(applied: Routerctl) -> None:
    for words in (["get", "models"], ["apply", "-f", applied.manifests]):
        done = applied.plain("--db", applied.db.parent, *words)
        assert (done.code, done.err.splitlines()) == (
            5,
            [
                f"error: {applied.db.parent} is a folder; a store is a file",
                f"  name a file in it: --db {applied.db.parent / 'routerctl.db'}",
            ],
        )
