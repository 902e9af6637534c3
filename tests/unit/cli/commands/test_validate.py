from fakes.command import Routerctl, manifest, served


def test_what_is_valid(routerctl: Routerctl) -> None:
    path = routerctl.write("a.yaml", served("m"))
    done = routerctl("validate", "-f", path)
    assert (done.code, done.out, done.err) == (0, "3 resources in 1 file: valid.\n", "")
    assert not routerctl.db.parent.exists()


def test_every_error_at_once_on_stderr(routerctl: Routerctl) -> None:
    routerctl.write("a.yaml", manifest("Model", "m", {"aliases": 7}), manifest("Model", "n", {"zzz": 1}))
    routerctl.write("b.yaml", manifest("Provider", "p", {"config": {}}), manifest("Model", "o"))
    done = routerctl("validate", "-f", routerctl.manifests)
    assert (done.code, done.out, len(done.err.splitlines())) == (3, "", 3)
    assert done.err.startswith(f"{routerctl.manifests}/a.yaml:2:")


def test_warnings_and_errors_stand_in_the_order_of_the_lines(routerctl: Routerctl) -> None:
    path = routerctl.write(
        "a.yaml",
        manifest("Model", "m", {"aliases": 7}),
        manifest("Binding", "b", {"model": "m", "provider": "gone"}),
        manifest("Secret", "s", {"data": {"K": {"value": "sk-canary"}}}),
        manifest("Model", "n", {"zzz": 1}),
    )
    done = routerctl("validate", "-f", path)
    assert (done.code, [line.split(": ")[1] for line in done.err.splitlines()]) == (
        3,
        ["error", "warning", "warning", "error"],
    )


def test_a_reference_out_of_the_files_is_a_warning_or_an_error(routerctl: Routerctl) -> None:
    path = routerctl.write("a.yaml", manifest("Binding", "b", {"model": "m", "provider": "p"}))
    open_world = routerctl("validate", "-f", path)
    assert (open_world.code, open_world.out) == (0, "1 resource in 1 file: valid.\n")
    assert open_world.err.count(": warning: Binding/b: spec.") == 2
    assert "refers to Model/m, which does not exist in these files" in open_world.err
    closed = routerctl("validate", "-f", path, "--closed")
    assert (closed.code, closed.err.count(": error: Binding/b: spec.")) == (3, 2)


def test_the_json_holds_errors_and_warnings(routerctl: Routerctl) -> None:
    path = routerctl.write(
        "a.yaml",
        manifest("Model", "m", {"zzz": 1}),
        manifest(
            "Provider", "p", {"type": "lm-studio", "config": {"baseURL": "http://a", "apiKey": "sk-canary"}}
        ),
    )
    done = routerctl("validate", "-f", path, "-o", "json")
    told = done.json()
    assert (done.code, done.err, told["valid"], told["resources"]) == (3, "", False, 1)
    assert [(item["severity"], item["line"], item["key"], item["field"]) for item in told["problems"]] == [
        ("error", 2, "Model/m", "spec.zzz"),
        ("warning", 4, "Provider/p", "spec.config.apiKey"),
    ]
    assert "canary" not in done.out
    assert set(told["problems"][0]) == {
        "severity", "file", "line", "column", "key", "field", "message", "hint"
    }  # fmt: skip


def test_the_json_of_what_is_valid(routerctl: Routerctl) -> None:
    done = routerctl("validate", "-f", "-", "-o", "json", stdin=served("m"))
    assert (done.code, done.json()) == (0, {"valid": True, "resources": 3, "problems": []})


def test_a_namespace_that_differs_from_the_command_line(routerctl: Routerctl) -> None:
    path = routerctl.write("a.yaml", manifest("Model", "m", namespace="b"))
    assert routerctl("-n", "a", "validate", "-f", path).code == 3
    assert routerctl("-n", "b", "validate", "-f", path).code == 0


def test_yaml_and_jsonpath(routerctl: Routerctl) -> None:
    routerctl.write("a.yaml", served("m"))
    assert routerctl.ok("validate", "-f", routerctl.manifests, "-o", "jsonpath={.resources}") == "3\n"
    routerctl.write("a.yaml", manifest("Model", "m", {"zzz": 1}))
    done = routerctl("validate", "-f", routerctl.manifests, "-o", "yaml")
    assert (done.code, done.out.startswith("valid: false\n")) == (3, True)
