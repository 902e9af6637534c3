from fakes.command import Routerctl, manifest, served


def test_what_people_declared_and_enabled(routerctl: Routerctl) -> None:
    routerctl.apply(manifest("Model", "m", {"displayName": "A: b"}), manifest("Provider", "p"))
    assert routerctl.ok("export") == (
        "apiVersion: routerctl.dev/v1\nkind: Provider\nmetadata:\n  name: p\n"
        "spec:\n  type: simulator\n  enabled: true\n  config: {}\n"
        "---\n"
        'apiVersion: routerctl.dev/v1\nkind: Model\nmetadata:\n  name: m\nspec:\n  displayName: "A: b"\n'
    )


def test_one_namespace_or_all(routerctl: Routerctl) -> None:
    routerctl.apply(manifest("Model", "m"), manifest("Model", "other", namespace="team"))
    assert routerctl.ok("export").count("kind: Model") == 2
    assert routerctl.ok("-n", "team", "export").count("name: other\n") == 1
    assert "name: m\n" not in routerctl.ok("-n", "team", "export")


def test_an_earlier_state(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    first = routerctl.ok("export")
    routerctl.apply(served("m", priority=3))
    assert routerctl.ok("export") != first
    assert routerctl.ok("export", "--revision", "1") == first
    assert routerctl.ok("export", "--revision", "0") == ""
    assert routerctl("export", "--revision", "9").code == 3
