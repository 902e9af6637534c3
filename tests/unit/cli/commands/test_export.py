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


def test_namespaces_are_asked_for_as_with_get(routerctl: Routerctl) -> None:
    routerctl.apply(manifest("Model", "m"), manifest("Model", "other", namespace="team"))
    assert routerctl.ok("export", "-A") == routerctl.ok("export")
    assert routerctl.ok("export", "-n", "team") == routerctl.ok("-n", "team", "export")
    assert routerctl.ok("export", "-n", "team", "-A") == routerctl.ok("export")


def test_a_part_of_it(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"), manifest("Model", "other", namespace="team"))
    assert routerctl.ok("export", "models").count("kind: Model") == 2
    assert routerctl.ok("export", "model/m", "provider/m").count("kind: ") == 2
    assert routerctl.ok("export", "model/other", "-n", "team").count("kind: ") == 1
    assert routerctl.ok("export", "--source", str(routerctl.manifests)).count("kind: ") == 4
    assert routerctl.ok("export", "--source", "other") == ""
    done = routerctl("export", "model/x")
    assert (done.code, done.err.splitlines()[0]) == (3, "error: Model/x does not exist")


def test_flags_that_say_nothing_without_a_folder(routerctl: Routerctl) -> None:
    for flag in ("--prune", "--dry-run", "-ojson"):
        done = routerctl("export", flag)
        assert done.code == 2
        assert "--prune, --dry-run and -o go with --dir" in done.err


def test_a_folder_is_updated(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    folder = routerctl.folder / "out"
    shown = routerctl.ok("export", "--dir", folder, "--dry-run")
    assert "+++ b/models/m.yaml" in shown
    assert shown.endswith("3 files: 3 created, 0 unchanged.\nDry run: nothing was written.\n")
    assert not folder.exists()
    assert routerctl.ok("export", "--dir", folder) == (
        "created   bindings/m.yaml  (Binding/m)\n"
        "created   models/m.yaml  (Model/m)\n"
        "created   providers/m.yaml  (Provider/m)\n"
        "3 files: 3 created, 0 unchanged.\n"
    )
    assert routerctl.ok("export", "--dir", folder) == "3 files: 3 unchanged.\n"
    assert routerctl.ok("-v", "export", "--dir", folder).startswith("unchanged bindings/m.yaml\n")
    assert "model/x" not in routerctl.ok("export", "--dir", folder, "--revision", "1", "model/m")
    assert routerctl("export", "--dir", folder, "model/x").code == 3


def test_a_folder_is_told_to_programs(routerctl: Routerctl) -> None:
    routerctl.apply(manifest("Model", "m"))
    told = routerctl("export", "--dir", routerctl.folder / "out", "--dry-run", "-o", "json").json()
    assert told["dryRun"] is True
    assert told["files"] == [
        {"path": "models/m.yaml", "action": "created", "written": ["Model/m"], "removed": []}
    ]
