import pytest
from fakes.command import Routerctl, manifest, served


@pytest.fixture
def filled(routerctl: Routerctl) -> Routerctl:
    routerctl.apply(served("a"), manifest("Model", "x"))
    routerctl.ok("model", "default", "a", "a")
    return routerctl


def test_a_binding_of_the_pair(filled: Routerctl) -> None:
    words = ("--upstream-model", "up", "--default", "--set", "weight=3", "--set", "config.defaults.seed=1")
    out = filled.ok("model", "link", "a", "x", *words)
    assert out.splitlines()[:2] == ["binding/x-a created", "binding/a changed"]
    spec = filled("get", "binding/x-a", "-o", "json").json()["spec"]
    assert (spec["upstreamModel"], spec["default"], spec["weight"]) == ("up", True, 3)
    assert spec["config"]["defaults"] == {"seed": 1}
    assert filled("get", "binding/a", "-o", "json").json()["spec"]["default"] is False


_REFUSED: list[tuple[list[str], int, str]] = [
    (["a", "a"], 4, "serves Model a already, by Binding a"),
    (["aa", "x"], 3, "Provider/aa does not exist"),
    (["a", "xx"], 3, "Model/xx does not exist"),
    (["a", "x", "--set", "wieght=3"], 3, "did you mean weight?"),
]


def test_what_can_not_be(filled: Routerctl) -> None:
    for words, code, said in _REFUSED:
        done = filled("model", "link", *words)
        assert (done.code, said in done.err) == (code, True), done.err


def test_into_manifests(filled: Routerctl) -> None:
    out = filled.ok("model", "link", "a", "x", "--save", filled.manifests)
    assert out == "created   bindings/x-a.yaml  (Binding/x-a)\n"
    filled.ok("validate", "-f", filled.manifests, "--closed")
