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
        "base", "summary", "changes", "conflicts", "undeclared", "held", "releases", "waiting", "unknown"
    }  # fmt: skip
    assert plan["summary"] == {"create": 0, "update": 1, "delete": 1}
    assert {
        (change["action"], change["kind"], change["name"], len(change["fields"]))
        for change in plan["changes"]
    } == {("update", "Provider", "m", 2), ("delete", "Model", "gone", 0)}


def test_a_conflict_is_a_difference(routerctl: Routerctl) -> None:
    routerctl.apply(served("m", priority=1))
    other = routerctl.folder / "other.yaml"
    other.write_text(manifest("Provider", "m", {"type": "simulator", "config": {}, "priority": 2}))
    done = routerctl("diff", "-f", other, "--source", "other")
    assert (done.code, "! Provider/m\n    spec.priority is held by git:" in done.out) == (1, True)


def test_what_is_invalid_is_no_difference(routerctl: Routerctl) -> None:
    path = routerctl.write("a.yaml", manifest("Binding", "b", {"model": "m"}))
    done = routerctl("diff", "-f", path)
    assert (done.code, done.out) == (3, "")
    assert done.err.endswith('error: Binding/b: spec.provider: "provider" is required\n')
