from fakes.command import Routerctl, manifest


def test_a_value_is_put_beside_what_is_there(routerctl: Routerctl) -> None:
    routerctl.apply(
        manifest("Secret", "s", {"hosts": ["a"], "data": {"K": {"valueFrom": {"env": "X_API_KEY"}}}})
    )
    out = routerctl.ok("secret", "set", "s", "K", "--host", "b", stdin="canary-value\n")
    assert out.startswith("secret/s set\nRevision 2 ")
    spec = routerctl("get", "secret/s", "-o", "json").json()["spec"]
    assert spec["hosts"] == ["a", "b"]
    assert spec["data"]["K"].keys() == {"sealed"}
    assert "canary-value" in routerctl.ok("export", "--show-secrets", "--yes")
    assert routerctl.ok("secret", "set", "s", "K", stdin="canary-value") == "secret/s set (no change)\n"
    assert routerctl.ok("secret", "set", "s", "L", "--dry-run", stdin="canary-value").endswith(
        "secret/s set (dry run)\n"
    )
    assert "cli:" in routerctl.ok("blame", "secret/s")
    assert routerctl("secret", "set", "s", "bad key", stdin="canary-value").code == 3


def test_a_value_is_no_argument(routerctl: Routerctl) -> None:
    for line in (("set", "s", "K", "canary-value"), ("seal", "--name", "s", "--key", "K", "canary-value")):
        refused = routerctl("secret", *line)
        assert (refused.code, "a value is no argument" in refused.err) == (2, True)
        assert "canary" not in refused.err
    done = routerctl("secret", "set", "s", "K", stdin="")
    assert (done.code, "the value is empty" in done.err) == (3, True)
