import pytest
from fakes.command import Routerctl, manifest, served
from fakes.store import drop, provider, put
from fakes.watching import commit, script
from fakes.workers import live_worker

from reconciler.resources.resource import Resource, ResourceKey


@pytest.fixture
def filled(routerctl: Routerctl) -> Routerctl:
    routerctl.apply(served("m"), manifest("Model", "n", labels={"team": "x"}))
    return routerctl


def test_a_condition_that_comes_true(filled: Routerctl, monkeypatch: pytest.MonkeyPatch) -> None:
    script(monkeypatch, "wait", lambda: live_worker(filled.db, revision=1))
    done = filled("wait", "provider/m", "binding/m", "--for=condition=Ready")
    assert (done.code, done.out) == (0, "provider/m condition met\nbinding/m condition met\n")


def test_it_really_waits(filled: Routerctl) -> None:
    live_worker(filled.db, revision=1)
    done = filled("wait", "models", "--all", "--for=condition=ready", "--timeout", "50ms")
    assert (done.code, done.out) == (7, "model/m condition met\n")
    assert done.err == (
        "error: timed out after 0.05 s waiting for:\n  Model/n: Ready is False (NoBinding): no binding names it\n"
    )


def test_an_older_generation_is_not_waited_for_in_vain(filled: Routerctl) -> None:
    live_worker(filled.db, revision=0, builds={"Provider/m": 0})
    done = filled("wait", "provider/m", "--for=condition=Ready", "--timeout", "0")
    assert (done.code, "Ready is True (Built) of an earlier generation" in done.err) == (7, True)


def test_until_it_is_gone(filled: Routerctl, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Resource(ResourceKey("Model", "default", "n"), {})
    steps = commit(filled.db, drop(model)), commit(filled.db, put(model))
    script(monkeypatch, "wait", *steps)
    assert filled.ok("wait", "model/n", "--for=delete") == "model/n condition met\n"
    assert filled.ok("wait", "model/zzz", "--for=delete") == "model/zzz condition met\n"
    monkeypatch.undo()
    assert "Model/m: it is still there" in filled("wait", "model/m", "--for=delete", "--timeout", "0").err


def test_another_of_the_same_name_is_not_the_one(filled: Routerctl, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Resource(ResourceKey("Model", "default", "n"), {})

    def again() -> None:
        commit(filled.db, drop(model))()
        commit(filled.db, put(model))()

    script(monkeypatch, "wait", again)
    assert filled.ok("wait", "model/n", "--for=delete") == "model/n condition met\n"


def test_until_it_is_there(filled: Routerctl, monkeypatch: pytest.MonkeyPatch) -> None:
    script(monkeypatch, "wait", commit(filled.db, put(provider("later"))))
    assert filled.ok("wait", "provider/later", "--for=create") == "provider/later condition met\n"


def test_a_field(filled: Routerctl) -> None:
    words = ["wait", "-l", "team=x", "models", "--timeout", "0"]
    assert filled.ok(*words, "--for=jsonpath={.metadata.name}=n") == "model/n condition met\n"
    assert '{.metadata.name} is "n"' in filled(*words, "--for=jsonpath={.metadata.name}=m").err


def test_what_is_deleted_meanwhile_is_not_there(filled: Routerctl, monkeypatch: pytest.MonkeyPatch) -> None:
    script(monkeypatch, "wait", commit(filled.db, drop(Resource(ResourceKey("Model", "default", "n"), {}))))
    done = filled("wait", "model/n", "--for=condition=Ready")
    assert (done.code, "Model/n was deleted meanwhile" in done.err) == (3, True)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["model/m"], 2, "Missing option '--for'"),
        (["models", "--for=delete"], 2, "write KIND/NAME, or KIND with --all or -l"),
        (["models", "--all", "--for=create"], 2, "--for=create waits for names"),
        (["model/m", "--for=ready"], 2, "can't be waited for"),
        (["model/m", "--for=condition=ResolvedRefs"], 2, "a Model has no condition ResolvedRefs"),
        (["model/zzz", "--for=condition=Ready"], 3, "Model/zzz does not exist"),
        (["models", "-l", "a=b", "--for=condition=Ready"], 3, "no resource fits"),
    ],
)
def test_what_can_not_be_waited_for(filled: Routerctl, arguments: list[str], code: int, words: str) -> None:
    done = filled("wait", *arguments)
    assert (done.code, done.out) == (code, "")
    assert words in done.err
