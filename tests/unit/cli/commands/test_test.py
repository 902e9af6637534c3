import pytest
from fakes.command import Routerctl, manifest, served


@pytest.fixture
def filled(routerctl: Routerctl) -> Routerctl:
    near: dict[str, object] = {"type": "ollama", "config": {"baseURL": "http://127.0.0.1:9"}}
    routerctl.apply(served("sim", enabled=False), manifest("Provider", "gone", near))  # type: ignore[arg-type]  # JSON
    return routerctl


def test_each_is_asked_and_one_that_fails_ends_with_6(filled: Routerctl) -> None:
    done = filled("test", "sim", "gone", "--timeout", "2s")
    assert done.code == 6
    assert "Provider/sim (simulator, disabled)\n  ok       built" in done.out
    assert "  failed   reachable      could not connect: connection refused" in done.out


def test_a_chat(filled: Routerctl) -> None:
    shown = filled("provider", "test", "sim", "--chat", "-o", "json")
    assert (shown.code, shown.json()["ok"]) == (0, True)
    assert shown.json()["checks"][-1]["check"] == "chat"
    assert filled("test", "sim", "--model", "sim", "-o", "json").json()["answer"]


def test_one_that_is_not_there(filled: Routerctl) -> None:
    done = filled("test", "simm")
    assert (done.code, "Provider/simm does not exist" in done.err) == (3, True)
