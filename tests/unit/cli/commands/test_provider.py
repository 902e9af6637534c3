from fakes.command import Routerctl


def test_alone_it_tells_its_parts(routerctl: Routerctl) -> None:
    told = routerctl.ok("provider")
    assert "reset  Forget what failed at a provider" in told
    done = routerctl("provider", "rest")
    assert done.code == 2
    assert "reset" in done.err
    assert routerctl("provider", "explode").code == 2
