import pytest
from fakes.command import Routerctl, manifest, served

from reconciler.cli.commands import model_add


def test_a_model_and_its_bindings_are_one_revision(routerctl: Routerctl) -> None:
    routerctl.apply(served("a"), served("b"))
    words = ("--provider", "a=up", "--provider", "b", "--default", "--capability", "tools", "--alias", "x")
    out = routerctl.ok("model", "add", "new", *words, "--set", "pricing.input=0.15")
    assert out.splitlines()[:3] == ["model/new created", "binding/new-a created", "binding/new-b created"]
    spec = routerctl("get", "binding/new-a", "-o", "json").json()["spec"]
    assert (spec["upstreamModel"], spec["default"]) == ("up", True)
    spec = routerctl("get", "model/new", "-o", "json").json()["spec"]
    assert (spec["aliases"], spec["pricing"]) == (["x"], {"input": "0.15"})


def test_a_name_that_no_resource_can_have_is_an_alias(routerctl: Routerctl) -> None:
    routerctl.apply(served("a"))
    routerctl.ok("model", "add", "meta/llama:8b", "--provider", "a")
    assert routerctl("get", "model/meta-llama-8b", "-o", "json").json()["spec"]["aliases"] == [
        "meta/llama:8b"
    ]
    spec = routerctl("get", "binding/meta-llama-8b-a", "-o", "json").json()["spec"]
    assert spec["upstreamModel"] == "meta/llama:8b"


_REFUSED: list[tuple[list[str], int, str]] = [
    ([], 2, "say NAME: what clients ask for"),
    (["near"], 4, "Model/near is there already"),
    (["x", "--provider", "neer"], 3, "did you mean near?"),
    (["x", "--provider", "a="], 2, "has no value"),
]


def test_what_can_not_be(routerctl: Routerctl) -> None:
    routerctl.apply(served("near"))
    for words, code, said in _REFUSED:
        done = routerctl("model", "add", *words)
        assert (done.code, said in done.err) == (code, True), done.err


def test_at_a_terminal_it_asks(routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_add, "somebody_answers", lambda: True)
    routerctl.apply(manifest("Provider", "a"))
    assert routerctl("model", "add", stdin="m\na\nup\n").code == 0
    assert routerctl("get", "binding/m-a", "-o", "json").json()["spec"]["upstreamModel"] == "up"
    assert routerctl("model", "add", stdin="n\nnone\n").code == 0
    assert routerctl("get", "bindings", "-o", "name").out == "binding/m-a\n"
