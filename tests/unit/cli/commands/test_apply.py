import pytest
from fakes.command import Routerctl, manifest, served
from fakes.workers import live_worker

from reconciler.json_types import JsonObject

LITERAL: JsonObject = {"type": "lm-studio", "config": {"baseURL": "http://a", "apiKey": "sk-canary"}}


def test_a_revision_is_made_and_told(routerctl: Routerctl) -> None:
    routerctl.write("a.yaml", served("m"))
    done = routerctl("apply", "-f", routerctl.manifests, "-m", "begin")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[:3] == ["created   Provider/m", "created   Model/m", "created   Binding/m"]
    assert lines[3].startswith("Revision 1  digest sha256:")
    assert done.err == f"Nothing serves this store; start it with: routerctl --db {routerctl.db} up\n"
    assert routerctl.ok("history", "-o", "jsonpath={.items[0].message}") == "begin\n"


def test_the_same_again_makes_none(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    digest = routerctl.ok("show", "-o", "jsonpath={.digest}").strip()
    assert routerctl.apply(served("m")) == f"No changes. Revision 1 is the head, digest {digest}.\n"


def test_what_is_no_longer_declared_stays_until_it_is_pruned(routerctl: Routerctl) -> None:
    routerctl.apply(served("m") + served("n"))
    assert routerctl.apply(served("m")).splitlines()[0] == (
        "3 resources no longer declared by the source; --prune deletes: Binding/n, Model/n, Provider/n"
    )
    out = routerctl.ok("apply", "-f", routerctl.manifests, "--prune")
    assert out.splitlines()[:3] == ["deleted   Binding/n", "deleted   Model/n", "deleted   Provider/n"]


def test_a_dry_run_shows_the_plan_and_writes_nothing(routerctl: Routerctl) -> None:
    routerctl.write("a.yaml", manifest("Provider", "p", LITERAL))
    out = routerctl.ok("apply", "-f", routerctl.manifests, "--dry-run")
    assert out.startswith("+ Provider/p  (a.yaml)\n")
    assert out.endswith("1 to create, against revision 0.\nDry run: nothing was changed.\n")
    assert not routerctl.db.parent.exists()


def test_a_dry_run_fails_where_apply_would(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    routerctl.write("a.yaml", "")
    for more in ([], ["--dry-run"]):
        done = routerctl("apply", "-f", routerctl.manifests, "--prune", *more)
        assert (done.code, "--prune would delete all" in done.err) == (4, True)


def test_a_dry_run_of_a_secret_needs_no_key_where_apply_would_make_one(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    routerctl.db.with_suffix(".key").unlink(missing_ok=True)
    routerctl.write("a.yaml", served("m"), manifest("Provider", "p", LITERAL))
    assert routerctl("apply", "-f", routerctl.manifests, "--dry-run").code == 0
    assert routerctl("apply", "-f", routerctl.manifests).code == 0


def test_without_the_key_of_a_store_no_secret_is_sealed(routerctl: Routerctl) -> None:
    routerctl.apply(manifest("Provider", "p", LITERAL))
    routerctl.db.with_suffix(".key").unlink()
    for more in ([], ["--dry-run"]):
        done = routerctl("apply", "-f", routerctl.manifests, *more)
        assert (done.code, "there is no encryption key" in done.err) == (5, True)
    done = routerctl("diff", "-f", routerctl.manifests)
    assert (done.code, "spec.config.apiKey: (unknown without the key)\n1 unknown, against" in done.out) == (
        1,
        True,
    )


def test_where_nothing_is_read_nothing_is_applied(routerctl: Routerctl) -> None:
    routerctl.manifests.mkdir()
    done = routerctl("apply", "-f", routerctl.manifests)
    assert (done.code, "error: nothing was read" in done.err) == (3, True)


def test_a_field_of_another_manager_is_taken_over_only_by_force(routerctl: Routerctl) -> None:
    routerctl.apply(served("m", priority=1))
    other = routerctl.folder / "other.yaml"
    other.write_text(served("m", priority=2))
    done = routerctl("apply", "-f", other, "--source", "other")
    assert done.code == 4
    assert "  Provider/m: spec.priority: 1 → 2, owned by git:" in done.err
    assert (done.err.count("error: "), done.err.count("--force-conflicts")) == (1, 1)
    routerctl.ok("apply", "-f", other, "--source", "other", "--force-conflicts")
    assert routerctl.ok("get", "provider/m", "-o", "jsonpath={.spec.priority}") == "2\n"


def test_manifests_from_stdin(routerctl: Routerctl) -> None:
    assert routerctl.ok("apply", "-f", "-", stdin=served("m")).startswith("created   Provider/m\n")
    done = routerctl("apply", "-f", "-", "--prune", stdin=served("m"))
    assert (done.code, "--source NAME" in done.err) == (3, True)


def test_a_source_that_gets_a_better_name_is_renamed_with_a_word(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    routerctl.write("routerctl.yaml", "source: github.com/acme/routing\n")
    routerctl.write("a.yaml", served("m", priority=7))
    done = routerctl("apply", "-f", routerctl.manifests)
    assert done.code == 0, done.err
    renamed = f"the source {routerctl.manifests} is called github.com/acme/routing from now on\n"
    assert done.err.startswith(renamed)


def test_for_programs(routerctl: Routerctl) -> None:
    routerctl.write("a.yaml", served("m"))
    dry = routerctl("apply", "-f", routerctl.manifests, "--dry-run", "-o", "json")
    assert (dry.code, dry.json()["dryRun"], dry.json()["revision"]) == (0, True, None)
    assert dry.json()["plan"]["summary"]["create"] == 3
    made = routerctl("apply", "-f", routerctl.manifests, "-o", "json").json()
    assert (made["dryRun"], made["changed"], made["revision"]["number"]) == (False, True, 1)
    assert [change["name"] for change in made["plan"]["changes"]] == ["m", "m", "m"]
    same = routerctl("apply", "-f", routerctl.manifests, "-o", "json").json()
    assert (same["changed"], same["revision"]) == (False, made["revision"])
    assert routerctl.ok("apply", "-f", routerctl.manifests, "-o", "jsonpath={.revision.digest}") == (
        f"{made['revision']['digest']}\n"
    )
    assert routerctl.ok("apply", "-f", routerctl.manifests, "-o", "yaml").startswith("dryRun: false\n")


def test_what_a_program_reads_is_data_alone(routerctl: Routerctl) -> None:
    routerctl.write("a.yaml", served("m"))
    live_worker(routerctl.db, revision=1)
    done = routerctl("apply", "-f", routerctl.manifests, "--wait", "-o", "json")
    assert (done.code, done.json()["changed"]) == (0, True)
    assert done.err == "1 worker serves revision 1.\n"


def test_a_plan_is_applied_instead_of_manifests(routerctl: Routerctl) -> None:
    routerctl.write("a.yaml", served("m"))
    file = routerctl.folder / "plan.json"
    routerctl.ok("plan", "-f", routerctl.manifests, "--out", file)
    live_worker(routerctl.db, revision=1)
    out = routerctl.ok("apply", "--plan", file, "-m", "reviewed", "--wait")
    assert out.splitlines()[-1] == "1 worker serves revision 1."
    assert routerctl.ok("history", "-o", "jsonpath={.items[0].message}") == "reviewed\n"
    routerctl.apply(served("m", priority=3))
    done = routerctl("apply", "--plan", file)
    assert (done.code, "the plan was applied as revision 1, and since then:" in done.err) == (4, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "give manifests with -f or -k, or a plan with --plan"),
        (["--plan", "x", "-f", "y"], "--plan takes all from its file"),
        (["--plan", "x", "--prune"], "--plan takes all from its file"),
        (["--plan", "x", "--dry-run"], "--plan takes all from its file"),
        (["--plan", "x", "-o", "markdown"], "-o markdown looks at what would be done"),
        (["--allow-empty", "-f", "y"], "--allow-empty needs --prune"),
    ],
)
def test_what_does_not_go_together(routerctl: Routerctl, words: list[str], told: str) -> None:
    done = routerctl("apply", *words)
    assert (done.code, told in done.err) == (2, True)


def test_another_field_manager_is_another_owner(routerctl: Routerctl) -> None:
    path = routerctl.write("a.yaml", manifest("Model", "m", {"displayName": "M"}))
    routerctl.ok("apply", "-f", path, "--field-manager", "ci")
    managers = ("get", "model/m", "-o", "jsonpath={.metadata.managedFields[*].manager}")
    assert routerctl.ok(*managers) == "ci\n"
    routerctl.write("a.yaml", manifest("Model", "m", {"displayName": "N"}))
    for command in (["apply"], ["apply", "--dry-run"]):
        done = routerctl(*command, "-f", path)
        assert (done.code, "spec.displayName: M → N, owned by ci since" in done.err) == (4, True)
    assert routerctl("diff", "-f", path, "--field-manager", "ci").out.startswith("~ Model/m")
    routerctl.ok("apply", "-f", path, "--field-manager", "ci", "--prune")
    assert routerctl("diff", "-f", path, "--field-manager", "ci").code == 0
    for name in ("git:elsewhere", "api:ada", "cli:nobody"):
        for command in (["apply"], ["apply", "--dry-run"], ["diff"], ["plan", "--out", "-"]):
            done = routerctl(*command, "-f", path, "--field-manager", name)
            assert (done.code, "that is the name of somebody else" in done.err) == (4, True)


def test_a_change_by_hand_conflicts_until_it_is_taken_over(routerctl: Routerctl) -> None:
    routerctl.apply(manifest("Model", "m", {"displayName": "M"}))
    routerctl.ok("patch", "model/m", "-p", "spec: {displayName: by hand}", "-m", "at night")
    done = routerctl("apply", "-f", routerctl.manifests)
    assert done.code == 4
    assert "spec.displayName: by hand → M, owned by cli:" in done.err
    shown = routerctl("diff", "-f", routerctl.manifests).out
    assert "spec.displayName: by hand, declared M; by cli:" in shown
    assert "revision 2 (patch): at night" in shown
    routerctl.ok("apply", "-f", routerctl.manifests, "--force-conflicts")
    assert routerctl.ok("get", "model/m", "-o", "jsonpath={.spec.displayName}") == "M\n"
