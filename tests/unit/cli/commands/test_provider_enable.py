from fakes.command import Routerctl, served


def test_one_revision_for_all_of_them(routerctl: Routerctl) -> None:
    routerctl.apply(served("a", enabled=False), served("b", enabled=False), served("c"))
    out = routerctl.ok("provider", "enable", "a", "b", "-m", "why")
    assert out.splitlines()[:2] == ["provider/a enabled", "provider/b enabled"]
    shown = routerctl("get", "providers", "a", "b", "-o", "json").json()["items"]
    assert [item["spec"]["enabled"] for item in shown] == [True, True]
    assert routerctl.ok("provider", "enable", "a") == "provider/a enabled already\n"
    assert routerctl.ok("history", "-o", "name") == "revision/2\nrevision/1\n"


def test_one_that_is_not_there(routerctl: Routerctl) -> None:
    routerctl.apply(served("openai"))
    done = routerctl("provider", "enable", "opnai")
    assert (done.code, "did you mean openai?" in done.err) == (3, True)


def test_in_manifests(routerctl: Routerctl) -> None:
    routerctl.apply(served("a", enabled=False))
    done = routerctl("provider", "enable", "a", "--save", routerctl.manifests)
    assert done.out == "updated   a.yaml  (Provider/a)\n"
    assert "The store is as it was" in done.err
    assert f'"enabled": {str(True).lower()}' in (routerctl.manifests / "a.yaml").read_text()
    assert routerctl.ok("get", "provider/a", "-o", "jsonpath={.spec.enabled}") == f"{str(False).lower()}\n"
