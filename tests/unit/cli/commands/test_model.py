from fakes.command import Routerctl


def test_alone_it_lists_its_parts(routerctl: Routerctl) -> None:
    out = routerctl.ok("model")
    for part in ("list", "add", "remove", "link", "unlink", "default"):
        assert f"\n  {part} " in out
    assert "'link', 'unlink'?" in routerctl("model", "lnk").err
