"""What people have asked of declarative tools for years, one test each, as a user meets it."""

import json
from pathlib import Path

import pytest
from fakes.command import Routerctl, manifest, served
from fakes.providers import PlainBuilder

from reconciler.snapshot import compile as compiler
from reconciler.store.reader import Reader

KEY = "sk-Canary7QwLm3Zt9VbXr5"
ROTATED = "sk-Canary8RxNn4Au0WcYs6"


def remote(name: str, **config: object) -> str:
    spec = {"type": "openai-compatible", "config": {"baseURL": "https://api.example/v1", **config}}
    return manifest("Provider", name, json.loads(json.dumps(spec)))


def test_d1_an_apply_that_fails_in_part_leaves_nothing(routerctl: Routerctl) -> None:
    routerctl.apply(served("a"))
    before = routerctl.ok("export")
    routerctl.write(
        "b.yaml", served("b", displayName="new"), manifest("Binding", "c", {"model": "a", "provider": "gone"})
    )
    assert routerctl("apply", "-f", routerctl.manifests).code == 3
    assert routerctl.ok("export") == before
    assert len(json.loads(routerctl.ok("history", "-o", "json"))["items"]) == 1


def test_d2_a_secret_is_hidden_by_its_type_old_and_new_and_nothing_else_is(routerctl: Routerctl) -> None:
    name = KEY[:9]
    said = routerctl.apply(remote("far", apiKey=KEY), manifest("Model", "m", {"displayName": name}))
    routerctl.write(
        "a.yaml", remote("far", apiKey=ROTATED), manifest("Model", "m", {"displayName": f"{name}!"})
    )
    for form in ("text", "json", "markdown"):
        done = routerctl("diff", "-f", routerctl.manifests, "-o", form)
        assert done.code == 1
        said += done.out + done.err
        assert name in done.out
        assert "changed" in done.out
    said += routerctl.ok("apply", "-f", routerctl.manifests) + routerctl.ok("history", "-o", "json")
    said += routerctl.ok("show", "2") + routerctl.ok("export") + routerctl.ok("get", "all", "-o", "yaml")
    assert KEY not in said
    assert ROTATED not in said
    assert KEY[-12:] not in said


def test_d3_neither_store_nor_plan_holds_a_secret_in_plain_text(routerctl: Routerctl) -> None:
    routerctl.write("a.yaml", remote("far", apiKey=KEY))
    plan = routerctl.folder / "plan.json"
    routerctl.ok("apply", "-f", routerctl.manifests)
    routerctl.write("a.yaml", remote("far", apiKey=ROTATED))
    routerctl.ok("plan", "-f", routerctl.manifests, "--out", plan)
    routerctl.ok("apply", "--plan", plan)
    written = [plan.read_bytes(), *(file.read_bytes() for file in routerctl.db.parent.iterdir())]
    assert not [text for text in written if KEY.encode() in text or ROTATED.encode() in text]


def test_d4_what_was_applied_never_drifts_by_itself(routerctl: Routerctl) -> None:
    routerctl.apply(served("a", priority=0), remote("far", timeout=30000, apiKey=KEY, headers={}))
    assert routerctl("diff", "-f", routerctl.manifests).code == 0
    routerctl.write("a.yaml", served("a"), remote("far", timeout="30s", apiKey=KEY, headers={}))
    changed = routerctl("diff", "-f", routerctl.manifests, "-o", "json").json()
    assert [change for change in changed["changes"] if change["name"] == "far"] == []


def test_d5_a_prune_goes_no_further_than_its_source(routerctl: Routerctl) -> None:
    other = routerctl.folder / "other"
    other.mkdir()
    (other / "b.yaml").write_text(served("b"))
    routerctl.ok("apply", "-f", other)
    routerctl.write("x.yaml", served("x"))
    routerctl.apply(served("a"))
    (routerctl.manifests / "x.yaml").unlink()
    routerctl.ok("apply", "-f", routerctl.manifests, "--prune", "--max-deletes", "3")
    assert names(routerctl, "providers") == ["a", "b"]


def test_d6_deletes_are_bounded_and_what_is_protected_stays(routerctl: Routerctl) -> None:
    routerctl.write("keep.yaml", served("keep"))
    routerctl.write("many.yaml", *(served(f"p{number}") for number in range(9)))
    kept = manifest("Model", "dear", annotations={"routerctl.dev/protected": "true"})
    routerctl.write("dear.yaml", kept)
    routerctl.ok("apply", "-f", routerctl.manifests)
    before = routerctl.ok("export")
    (routerctl.manifests / "many.yaml").unlink()
    prune = ("apply", "-f", routerctl.manifests, "--prune")
    assert routerctl(*prune).code == 4
    assert routerctl(*prune, "--max-deletes", "26").code == 4
    assert routerctl.ok("export") == before
    routerctl.ok(*prune, "--max-deletes", "27")
    assert names(routerctl, "providers") == ["keep"]
    (routerctl.manifests / "dear.yaml").unlink()
    refused = routerctl(*prune, "--max-deletes", "100%")
    assert refused.code == 4
    assert "Model/dear" in refused.err
    (routerctl.manifests / "keep.yaml").unlink()
    assert routerctl(*prune, "--max-deletes", "100%").code == 4
    assert names(routerctl, "models") == ["dear", "keep"]


def test_d7_a_diff_asks_the_store_as_often_for_many_as_for_few(
    routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    opened = Reader.__init__

    def traced(self: Reader, path: Path) -> None:
        opened(self, path)
        self._connection.set_trace_callback(asked.append)

    monkeypatch.setattr(Reader, "__init__", traced)
    counts = []
    for number in (2, 60):
        routerctl.apply(*(served(f"p{each}") for each in range(number)))
        asked.clear()
        assert routerctl("diff", "-f", routerctl.manifests).code == 0
        counts.append(len(asked))
    assert counts[0] == counts[1] > 0


def test_d8_a_stale_plan_is_refused_and_leaves_no_lock(routerctl: Routerctl) -> None:
    routerctl.apply(served("a"))
    plan = routerctl.folder / "plan.json"
    routerctl.write("a.yaml", served("a", displayName="planned"))
    routerctl.ok("plan", "-f", routerctl.manifests, "--out", plan)
    routerctl.apply(served("a", displayName="meanwhile"))
    refused = routerctl("apply", "--plan", plan)
    assert refused.code == 4
    assert "Provider/a" in refused.err
    assert "meanwhile" in routerctl.ok("get", "provider/a", "-o", "yaml")
    routerctl.apply(served("a", displayName="afterwards"))


def test_d9_what_is_there_already_is_adopted_in_one_revision(routerctl: Routerctl) -> None:
    routerctl.ok("apply", "-f", "-", "--source", "old-tool", stdin=served("a") + served("b"))
    routerctl.write("a.yaml", served("a"), served("b"))
    everything = [f"{kind}/{name}" for kind in ("provider", "model", "binding") for name in ("a", "b")]
    routerctl.ok("adopt", *everything, "-f", routerctl.manifests)
    assert routerctl("diff", "-f", routerctl.manifests, "--prune").code == 0
    assert len(json.loads(routerctl.ok("history", "-o", "json"))["items"]) <= 2
    (routerctl.manifests / "a.yaml").write_text(served("a"))
    routerctl.ok("apply", "-f", routerctl.manifests, "--prune", "--max-deletes", "3")
    assert names(routerctl, "providers") == ["a"]


def test_d10_the_exit_code_of_diff_tells_same_from_different_from_broken(routerctl: Routerctl) -> None:
    routerctl.apply(served("a"))
    assert routerctl("diff", "-f", routerctl.manifests).code == 0
    routerctl.write("a.yaml", served("a", priority=7))
    assert routerctl("diff", "-f", routerctl.manifests).code == 1
    routerctl.write("a.yaml", manifest("Model", "m", {"displayname": "typo"}))
    assert routerctl("diff", "-f", routerctl.manifests).code > 1


def test_d11_a_diff_lists_what_a_prune_would_delete(routerctl: Routerctl) -> None:
    routerctl.write("b.yaml", served("b"))
    routerctl.apply(served("a"))
    (routerctl.manifests / "b.yaml").unlink()
    done = routerctl("diff", "-f", routerctl.manifests, "--prune", "-o", "json")
    deleted = [change["kind"] for change in done.json()["changes"] if change["action"] == "delete"]
    assert (done.code, sorted(deleted)) == (1, ["Binding", "Model", "Provider"])
    assert names(routerctl, "providers") == ["a", "b"]


def test_d12_a_revision_rebuilds_only_the_providers_that_it_touches(routerctl: Routerctl) -> None:
    routerctl.apply(served("a"), served("b"))
    with Reader(routerctl.db) as reader:
        before = reader.state()
        first = compiler.compile(compiler.EMPTY, before.items(), 1, PlainBuilder())
        routerctl.apply(served("a", config={"text": "new"}), served("b"))
        after = reader.state()
    changed = [(key, stored) for key, stored in after.items() if before[key] != stored]
    second = compiler.compile(first, changed, 2, PlainBuilder())
    kept = {
        key.name
        for key, upstream in second.snapshot.upstreams.items()
        if first.snapshot.upstreams[key] is upstream
    }
    assert kept == {"b"}


def test_d13_an_export_says_what_a_default_could_change(routerctl: Routerctl) -> None:
    routerctl.apply(served("on"), served("off", enabled=False, priority=0))
    exported = routerctl.ok("export")
    assert exported.count("enabled: true") == 3  # of a provider and of both bindings
    assert exported.count("enabled: false") == 1
    assert "priority: 0" in exported
    assert routerctl("diff", "-f", "-", "--source", str(routerctl.manifests), stdin=exported).code == 0


def test_d14_an_error_says_where_what_and_what_to_do(routerctl: Routerctl) -> None:
    file = routerctl.write(
        "a.yaml", "apiVersion: routerctl.dev/v1\nkind: Model\nmetadata: {name: m}\nspec:\n  displayname: x\n"
    )
    done = routerctl("apply", "-f", routerctl.manifests)
    assert done.code == 3
    assert f'{file}:5:3: error: Model/m: spec.displayname: unknown field "displayname"' in done.err
    assert 'did you mean "displayName"?' in done.err


def names(routerctl: Routerctl, kind: str) -> list[str]:
    return [line.partition("/")[2] for line in routerctl.ok("get", kind, "-o", "name").splitlines()]
