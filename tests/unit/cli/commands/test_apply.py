from fakes.command import Routerctl, manifest, served

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
    assert routerctl.apply(served("m")) == "No changes. Revision 1 is the head.\n"


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
    assert (done.code, "spec.config.apiKey: (unknown without the key)" in done.out) == (0, True)


def test_nothing_read_is_told(routerctl: Routerctl) -> None:
    routerctl.manifests.mkdir()
    done = routerctl("apply", "-f", routerctl.manifests)
    assert (done.code, done.err.splitlines()[0]) == (0, "No resource was read from the paths given.")


def test_a_field_of_another_manager_is_taken_over_only_by_force(routerctl: Routerctl) -> None:
    routerctl.apply(served("m", priority=1))
    other = routerctl.folder / "other.yaml"
    other.write_text(served("m", priority=2))
    done = routerctl("apply", "-f", other, "--source", "other")
    assert done.code == 4
    assert "spec.priority is held by git:" in done.err
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
