from fakes.command import Routerctl, served


def test_more_than_one_is_counted(routerctl: Routerctl) -> None:
    routerctl.apply(served("a"))
    assert "Remove Provider/a and 1 more resource?" in routerctl("provider", "remove", "a", "--cascade").err
    routerctl.ok("set", "a")
    assert "and 2 more resources?" in routerctl("provider", "remove", "a", "--cascade").err
    routerctl.ok("provider", "add", "b", "--type", "simulator", "--yes")
    assert "Remove Provider/b?" in routerctl("provider", "remove", "b", "b").err
