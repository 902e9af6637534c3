import re

from fakes.command import Routerctl


def test_alone_it_tells_its_parts(routerctl: Routerctl) -> None:
    told = routerctl.ok("provider")
    assert re.search(r"\n  reset +Forget what failed at a provider", told)
    done = routerctl("provider", "rest")
    assert done.code == 2
    assert "reset" in done.err
    assert routerctl("provider", "explode").code == 2
