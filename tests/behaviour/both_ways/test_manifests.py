"""Manifests: compared, applied, pruned, kept as plans, refused."""

import json

from fakes.both_ways import BothWays
from fakes.command import manifest, served

from reconciler.json_types import JsonObject

REMOTE: JsonObject = {
    "type": "openai-compatible",
    "config": {"baseURL": "https://llm.example/v1", "apiKey": "sk-canary-1"},
}


def test_manifests_are_compared_and_applied(both: BothWays) -> None:
    folder = both.manifests
    both.write("a.yaml", served("one"), manifest("Provider", "far", REMOTE))
    assert both("diff", "-f", folder).code == 1
    assert both("apply", "-f", folder, "--dry-run", "-o", "json").code == 0
    said = both.ok("apply", "-f", folder, "-m", "first")
    assert "created  Provider/one" in said
    assert "No changes" in both.ok("apply", "-f", folder)
    assert both("diff", "-f", folder).code == 0
    both.write("a.yaml", served("one", priority=4), manifest("Provider", "far", {**REMOTE, "enabled": False}))
    assert both("diff", "-f", folder, "-o", "markdown").code == 1
    assert json.loads(both.ok("apply", "-f", folder, "-o", "json"))["changed"] is True
    assert "git:" in both.ok("get", "provider/one", "-o", "json", "--show-managed-fields")


def test_errors_name_file_line_and_column(both: BothWays) -> None:
    both.write("a.yaml", manifest("Binding", "b", {"model": "none", "provider": "none"}))
    done = both("apply", "-f", both.manifests)
    assert done.code == 3
    assert f"{both.manifests}/a.yaml:2:" in done.err
    done = both("diff", "-f", "-", stdin=manifest("Provider", "p", {"type": "openai-compatible"}))
    assert (done.code, "stdin" in done.err) == (3, True)
    both.write("a.yaml", manifest("Provider", "p", displayName="x"))
    assert both("apply", "-f", both.manifests).code == 3
    assert both("apply", "-f", both.manifests / "none.yaml").code == 3
    both.write("a.yaml", manifest("Model", "m"))
    assert both("apply", "-f", both.manifests, "--field-manager", "git:other").code == 4


def test_an_overlay_is_applied_with_its_places(both: BothWays) -> None:
    both.write(
        "base/p.yaml", manifest("Provider", "p"), manifest("Binding", "b", {"model": "m", "provider": "p"})
    )
    both.write("base/kustomization.yaml", "resources: [p.yaml]\n")
    both.write(
        "prod/kustomization.yaml",
        "resources: [../base]\nnamePrefix: x-\n"
        "patches:\n- patch: |-\n    kind: Binding\n    metadata: {name: b}\n    spec: {weight: 3}\n    apiVersion: routerctl.dev/v1\n",
    )
    done = both("apply", "-k", both.manifests / "prod", "--source", "shared")
    assert (done.code, "base/p.yaml:4:" in done.err) == (3, True)
    both.write("base/p.yaml", served("p"))
    both.write("prod/kustomization.yaml", "resources: [../base]\nnamePrefix: x-\n")
    assert "created  Provider/x-p" in both.ok("apply", "-k", both.manifests / "prod", "--source", "shared")
    assert both("diff", "-k", both.manifests / "prod", "--prune", "--source", "shared").code == 0


def test_a_prune_has_its_guards(both: BothWays) -> None:
    folder = both.manifests
    both.write("a.yaml", manifest("Model", "a"))
    both.write("b.yaml", *(manifest("Model", f"m{number}") for number in range(12)))
    both.ok("apply", "-f", folder)
    both.write("b.yaml", manifest("Model", "m0"))
    assert "--prune" in both.ok("apply", "-f", folder)
    done = both("apply", "-f", folder, "--prune")
    assert (done.code, "the limit is 10" in done.err) == (4, True)
    assert both("diff", "-f", folder, "--prune").code == 1
    assert both("apply", "-f", folder, "--prune", "--max-deletes", "11").code == 0
    both.write("b.yaml", "")
    both.write("a.yaml", "")
    assert both("apply", "-f", folder, "--prune").code == 4
    assert both("apply", "-f", folder, "--prune", "--allow-empty").code == 0
    assert both("apply", "-f", "-", "--prune", stdin=manifest("Model", "z")).code == 3


def test_foreign_fields_are_in_conflict(both: BothWays) -> None:
    folder = both.manifests
    both.write("a.yaml", manifest("Provider", "p", {"type": "simulator", "priority": 1, "config": {}}))
    both.ok("apply", "-f", folder)
    both.ok("patch", "provider/p", "-p", '{"spec": {"priority": 2}}', "-m", "by hand")
    assert both("apply", "-f", folder).code == 4
    assert both("diff", "-f", folder).code == 1
    assert both("plan", "-f", folder, "--out", folder / "p.json").code == 4
    assert both("apply", "-f", folder, "--force-conflicts").code == 0
    assert both("apply", "-f", "-", "--field-manager", "ci", stdin=manifest("Model", "m")).code == 0
    assert both("apply", "-f", "-", "--source", "shared", stdin=manifest("Model", "s")).code == 0


def test_a_plan_is_kept_and_applied(both: BothWays) -> None:
    folder = both.manifests
    both.write("a.yaml", served("one"), manifest("Provider", "far", REMOTE))
    file = both.routerctl.folder / "plan.json"
    for way in (both.locally, both.remotely):
        told = way("plan", "-f", folder, "--out", file)
        assert (told.code, "4 to create" in told.out) == (0, True)
        assert "sk-canary-1" not in file.read_text()
        assert way("apply", "--plan", file, "-m", "as planned").code == 0
        assert "was applied as revision 1" in way("apply", "--plan", file).out
    both.write("a.yaml", served("two"))
    for way in (both.locally, both.remotely):
        way("plan", "-f", folder, "--prune", "--allow-empty", "--out", file)
        assert way("label", "provider/one", "by=hand").code == 0
        done = way("apply", "--plan", file)
        assert (done.code, "since then" in done.err) == (4, True)
