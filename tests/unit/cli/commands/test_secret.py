from fakes.command import Routerctl


def test_it_lists_its_parts_and_knows_slips(routerctl: Routerctl) -> None:
    out = routerctl.ok("secret")
    for part in ("seal", "reseal", "set", "list", "keygen", "public-key", "rotate-key"):
        assert f"  {part} " in out
    done = routerctl("secret", "rotate_key")
    assert (done.code, "rotate-key" in done.err) == (2, True)
    assert routerctl("secret", "nothing-like-it").code == 2
