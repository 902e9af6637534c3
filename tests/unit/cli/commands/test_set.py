from fakes.command import Routerctl, served


def test_the_active_provider_is_said_by_the_settings(routerctl: Routerctl) -> None:
    routerctl.apply(served("a"), served("b", enabled=False))
    done = routerctl("set", "a")
    assert done.out.splitlines()[0] == "settings/default created"
    assert done.out.splitlines()[-1] == "Active provider: a"
    assert routerctl.ok("get", "settings/default", "-o", "jsonpath={.spec.activeProvider}") == "a\n"
    again = routerctl("set", "b")
    assert "Provider/b is disabled, so it is passed over" in again.err
    assert routerctl.ok("set", "b").splitlines()[0] == "settings/default unchanged"
    assert routerctl.ok("set", "--none").splitlines()[-1] == "Active provider: none"
    assert routerctl.ok("get", "settings/default", "-o", "jsonpath={.spec.activeProvider}").strip() == ""


def test_which_one(routerctl: Routerctl) -> None:
    routerctl.apply(served("openai"))
    assert "did you mean openai?" in routerctl("set", "opnai").err
    for words in ([], ["openai", "--none"]):
        done = routerctl("set", *words)
        assert (done.code, "say which Provider, or --none" in done.err) == (2, True)


def test_into_manifests_and_the_store(routerctl: Routerctl) -> None:
    routerctl.apply(served("a"))
    out = routerctl.ok("set", "a", "--save", routerctl.manifests, "--apply")
    assert "created   settings/default.yaml  (Settings/default)" in out
    routerctl.ok("diff", "-f", routerctl.manifests)
    as_data = routerctl("set", "a", "--save", routerctl.manifests, "--apply", "-o", "json")
    assert as_data.json()["spec"]["activeProvider"] == "a"
    assert "The manifests say so already" in as_data.err
