from fakes.command import Routerctl, served


def test_it_lists_providers(routerctl: Routerctl) -> None:
    routerctl.apply(served("a"), served("b", enabled=False))
    assert routerctl.ok("list", "--enabled", "-o", "name") == "provider/a\n"
    assert routerctl.ok("list") == routerctl.ok("provider", "list")
