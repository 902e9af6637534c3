from fakes.command import Routerctl, served


def test_with_its_bindings(routerctl: Routerctl) -> None:
    routerctl.apply(served("a"), served("other"))
    done = routerctl("model", "remove", "a", "--yes")
    assert (done.code, "Model/a is named by:\n  Binding/a (spec.model: a)" in done.err) == (4, True)
    assert routerctl.ok("model", "remove", "a", "--cascade", "--yes").splitlines()[:2] == [
        "binding/a removed",
        "model/a removed",
    ]
    assert "did you mean other?" in routerctl("model", "remove", "othr", "--yes").err
