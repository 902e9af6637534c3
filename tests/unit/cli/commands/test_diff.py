from fakes.command import Routerctl, manifest, served


def test_no_difference_ends_with_0_and_some_with_1(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    same = routerctl("diff", "-f", routerctl.manifests)
    assert (same.code, same.out) == (0, "No changes against revision 1.\n")
    routerctl.write("a.yaml", served("m", priority=3))
    other = routerctl("diff", "-f", routerctl.manifests)
    assert (other.code, other.out) == (
        1,
        "~ Provider/m  (a.yaml)\n    spec.priority: 0 → 3\n1 to update, against revision 1.\n",
    )


def test_without_a_store_everything_is_new_and_none_is_made(routerctl: Routerctl) -> None:
    routerctl.write("a.yaml", served("m"))
    done = routerctl("diff", "-f", routerctl.manifests, "-o", "json")
    assert (done.code, done.json()["base"], done.json()["summary"]["create"]) == (1, 0, 3)
    assert not routerctl.db.exists()


def test_the_json_has_one_shape_for_everything(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"), manifest("Model", "gone"))
    routerctl.write("a.yaml", served("m", priority=3, enabled=False))
    plan = routerctl("diff", "-f", routerctl.manifests, "-o", "json", "--prune").json()
    assert set(plan) == {
        "base", "summary", "changes", "conflicts", "undeclared", "held", "releases", "waiting", "unknown",
        "impact", "drift",
    }  # fmt: skip
    assert plan["summary"] == {"create": 0, "update": 1, "delete": 1, "unknown": 0}
    assert {
        (change["action"], change["kind"], change["name"], len(change["fields"]))
        for change in plan["changes"]
    } == {("update", "Provider", "m", 2), ("delete", "Model", "gone", 1)}


def test_a_conflict_is_a_difference(routerctl: Routerctl) -> None:
    routerctl.apply(served("m", priority=1))
    other = routerctl.folder / "other.yaml"
    other.write_text(manifest("Provider", "m", {"type": "simulator", "config": {}, "priority": 2}))
    done = routerctl("diff", "-f", other, "--source", "other")
    assert (done.code, "! Provider/m\n    spec.priority: 1 → 2, owned by git:" in done.out) == (1, True)


def test_what_is_invalid_is_no_difference(routerctl: Routerctl) -> None:
    path = routerctl.write("a.yaml", manifest("Binding", "b", {"model": "m"}))
    done = routerctl("diff", "-f", path)
    assert (done.code, done.out) == (3, "")
    assert done.err.endswith('error: Binding/b: spec.provider: "provider" is required\n')


def test_yaml_and_jsonpath(routerctl: Routerctl) -> None:
    routerctl.write("a.yaml", served("m"))
    assert routerctl("diff", "-f", routerctl.manifests, "-o", "jsonpath={.summary.create}").out == "3\n"
    assert routerctl("diff", "-f", routerctl.manifests, "-o", "yaml").out.startswith("base: 0\n")


def test_two_revisions(routerctl: Routerctl) -> None:
    routerctl.apply(served("m", priority=1))
    routerctl.apply(served("m", priority=2), manifest("Model", "n"))
    done = routerctl("diff", "--from", "1", "--to", "2")
    assert done.code == 1
    lines = done.out.splitlines()
    assert lines[:3] == ["~ Provider/m  (a.yaml)", "    spec.priority: 1 → 2", "+ Model/n  (a.yaml)"]
    assert "Impact:\n  appeared-name  n\n" in done.out
    assert lines[-1] == "1 to create, 1 to update, against revision 1."
    back = routerctl("diff", "--from", "head", "--to", "head~1", "-o", "json")
    assert back.code == 1
    assert (back.json()["from"], back.json()["to"], back.json()["summary"]["delete"]) == (2, 1, 1)
    assert routerctl("diff", "--from", "head").code == 0
    assert routerctl("diff", "--from", "0", "--to", "1", "-o", "json").json()["summary"]["create"] == 3


def test_what_goes_together(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    for words in ([], ["--to", "1"], ["--from", "1", "-f", "x"], ["--from", "1", "--prune"], ["--from", "x"]):
        assert routerctl("diff", *words).code == 2, words
    assert routerctl("diff", "--from", "1", "--to", "7").code == 3
