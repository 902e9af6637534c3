from fakes.command import Routerctl, served


def test_several_as_data(routerctl: Routerctl) -> None:
    routerctl.apply(served("a"), served("b"))
    shown = routerctl("provider", "test", "a", "b", "-o", "json").json()
    assert [item["provider"] for item in shown["items"]] == ["a", "b"]
