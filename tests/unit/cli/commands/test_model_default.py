from fakes.command import Routerctl, served


def test_one_default_a_provider(routerctl: Routerctl) -> None:
    routerctl.apply(served("a"), served("b"))
    routerctl.ok("model", "link", "a", "b", "--default")
    assert routerctl.ok("model", "default", "a", "a").splitlines()[:2] == [
        "binding/b-a changed",
        "binding/a changed",
    ]
    assert routerctl.ok("model", "default", "a", "a") == "binding/a unchanged\n"
    done = routerctl("model", "default", "b", "a")
    assert (done.code, "Provider b does not serve Model a" in done.err) == (3, True)
