import pytest
from fakes.command import Routerctl, manifest, served


@pytest.fixture
def filled(routerctl: Routerctl) -> Routerctl:
    routerctl.apply(served("m"), manifest("Model", "n", labels={"tier": "gold"}))
    return routerctl


def names(filled: Routerctl) -> list[str]:
    return filled.ok("get", "all", "-o", "name").split()


def test_what_is_named_goes_as_one_revision(filled: Routerctl) -> None:
    lines = filled.ok("delete", "model/m", "binding/m", "-m", "nobody asks").splitlines()
    assert lines[:2] == ["model/m deleted", "binding/m deleted"]
    assert lines[2].startswith("Revision 2  digest sha256:")
    assert names(filled) == ["provider/m", "model/n"]
    (revision, _) = filled("history", "-o", "json").json()["items"]
    assert (revision["operation"], revision["message"]) == ("delete", "nobody asks")


def test_what_somebody_refers_to_stays(filled: Routerctl) -> None:
    done = filled("delete", "provider/m")
    assert (done.code, done.out) == (3, "")
    assert "error: Binding/m: spec.provider: refers to Provider/m, which would be deleted" in done.err
    assert len(names(filled)) == 4


def test_what_is_protected_stays(filled: Routerctl) -> None:
    filled.ok("annotate", "model/n", "routerctl.dev/protected=true")
    for words in (["model/n"], ["models", "-l", "tier"], ["model/n", "--dry-run"]):
        done = filled("delete", *words)
        assert (done.code, done.err.splitlines()[0]) == (4, "error: protected from being deleted: Model/n")


def test_by_label_all_and_file(filled: Routerctl) -> None:
    assert filled.ok("delete", "models", "-l", "tier=gold", "-o", "name") == "model/n\n"
    assert filled.ok("delete", "bindings", "--all", "-o", "name") == "binding/m\n"
    done = filled("delete", "-f", filled.manifests)
    assert (done.code, done.err) == (
        3,
        f"error: Binding/m, Model/n do not exist\n  what there is: routerctl --db {filled.db} get bindings -n default\n",
    )
    assert (
        filled.ok("delete", "-f", filled.manifests, "--ignore-not-found", "-o", "name")
        == "provider/m\nmodel/m\n"
    )
    assert names(filled) == []


def test_manifests_that_can_not_be_read(filled: Routerctl) -> None:
    done = filled("delete", "-f", "-", stdin=manifest("Model", "m", {"zzz": 1}))
    assert done.code == 3
    assert "spec.zzz" in done.err
    assert filled("delete", "-f", filled.folder / "none").code == 3


def test_a_dry_run(filled: Routerctl) -> None:
    assert filled.ok("delete", "model/n", "--dry-run").splitlines() == [
        "- Model/n  (a.yaml)",
        "    metadata.labels.tier: gold → (removed)",
        "    spec: {} → (removed)",
        "model/n deleted (dry run)",
    ]
    assert len(names(filled)) == 4


def test_what_is_not_there(filled: Routerctl) -> None:
    assert filled("delete", "model/zzz").code == 3
    done = filled("delete", "model/zzz", "--ignore-not-found")
    assert (done.code, done.out, done.err) == (0, "", "No resources found.\n")
    assert filled.ok("delete", "model/zzz", "model/n", "--ignore-not-found", "-o", "name") == "model/n\n"


@pytest.mark.parametrize(
    "words", [[], ["models"], ["model/m", "-f", "x"], ["-f", "x", "--all"], ["model/m", "--all"]]
)
def test_wrong_usage(filled: Routerctl, words: list[str]) -> None:
    assert filled("delete", *words).code == 2


def test_its_source_makes_it_again(filled: Routerctl) -> None:
    filled.ok("delete", "model/n", "-m", "by mistake")
    shown = filled("diff", "-f", filled.manifests)
    assert shown.code == 1
    assert "by mistake" in shown.out
    assert "created   Model/n" in filled.ok("apply", "-f", filled.manifests)
