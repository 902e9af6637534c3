from fakes.command import Routerctl


def test_alone_it_tells_its_parts(routerctl: Routerctl) -> None:
    told = routerctl.ok("token")
    assert "create  Make one" in told
    assert "revoke  Refuse one" in told
    done = routerctl("token", "creat")
    assert (done.code, "create" in done.err) == (2, True)
    assert routerctl("token", "explode").code == 2
