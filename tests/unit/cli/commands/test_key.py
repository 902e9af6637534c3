from fakes.command import Routerctl


def test_the_verb_alone_tells_of_its_parts(routerctl: Routerctl) -> None:
    assert "rotate" in routerctl("key").out
    assert routerctl("key", "nonsense").code == 2
