from fakes.command import Routerctl


def test_alone_it_names_its_parts(routerctl: Routerctl) -> None:
    assert "explain" in routerctl.ok("route")


def test_another_word_is_no_part(routerctl: Routerctl) -> None:
    refused = routerctl("route", "list")
    assert refused.code == 2
    assert "route explain" in refused.err + refused.out
