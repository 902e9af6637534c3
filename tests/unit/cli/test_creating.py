from fakes.command import Routerctl


def test_what_is_made_is_told_in_the_form_that_is_asked_for(routerctl: Routerctl) -> None:
    done = routerctl("secret", "set", "a", "K", "-m", "why", stdin="canary-value")
    assert done.code == 0
    assert done.out.startswith("secret/a created\nRevision 1  digest sha256:")
    assert "Nothing serves this store" in done.err
    assert routerctl.ok("secret", "set", "b", "K", "-o", "name", stdin="canary-value") == "secret/b\n"
    made = routerctl(
        "-n", "team", "secret", "set", "c", "K", "--host", "h", "-o", "json", stdin="canary-value"
    ).json()
    assert made["metadata"]["namespace"] == "team"
    assert made["spec"]["hosts"] == ["h"]
    assert made["spec"]["data"]["K"]["sealed"].startswith("v-")
    assert [entry["operation"] for entry in routerctl("history", "-o", "json").json()["items"]] == [
        "secret set"
    ] * 3
    assert "canary-value" not in routerctl.ok("get", "secrets", "-A", "-o", "yaml")


def test_a_dry_run_makes_nothing_not_even_a_store(routerctl: Routerctl) -> None:
    assert routerctl.ok("secret", "set", "a", "K", "--dry-run", stdin="x") == "secret/a created (dry run)\n"
    assert not routerctl.db.exists()
