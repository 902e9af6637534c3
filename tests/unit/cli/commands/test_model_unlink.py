import pytest
from fakes.command import Routerctl, served


@pytest.fixture
def filled(routerctl: Routerctl) -> Routerctl:
    routerctl.apply(served("a"), served("b"))
    routerctl.ok("model", "link", "a", "b")
    return routerctl


def test_the_bindings_go_and_the_models_stay(filled: Routerctl) -> None:
    out = filled.ok("model", "unlink", "a", "a", "b", "--yes")
    assert out.splitlines()[:2] == ["binding/a removed", "binding/b-a removed"]
    assert filled.ok("get", "models", "-o", "name") == "model/a\nmodel/b\n"


def test_nobody_there_is_a_no(filled: Routerctl) -> None:
    done = filled("model", "unlink", "a", "a")
    assert (done.code, "Take a from Provider a?" in done.err) == (2, True)
    assert filled("model", "unlink", "a", "a", stdin="y\n").code == 0


def test_what_is_not_bound(filled: Routerctl) -> None:
    done = filled("model", "unlink", "b", "a", "--yes")
    assert (done.code, "Provider b does not serve Model a\n  it serves: b" in done.err) == (3, True)
