from pathlib import Path

import pytest
from fakes.command import Routerctl, served

from reconciler.cli.save_options import Saving
from reconciler.cli.saving import Deed, change
from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked
from reconciler.control.imperative.providing import put
from reconciler.errors import InvalidInput
from reconciler.resources.resource import ResourceKey

KEY = ResourceKey("Provider", "default", "a")


def text(routerctl: Routerctl) -> str:
    return (routerctl.manifests / "a.yaml").read_text(encoding="utf-8")


def test_what_the_store_refuses_is_not_written(routerctl: Routerctl) -> None:
    routerctl.apply(served("a"))
    routerctl.ok("annotate", "provider/a", "routerctl.dev/protected=true")
    before = text(routerctl)
    done = routerctl(
        "provider", "remove", "a", "--cascade", "--yes", "--save", routerctl.manifests, "--apply"
    )
    assert (done.code, text(routerctl) == before) == (4, True)


def test_what_the_files_can_not_hold_is_not_stored(routerctl: Routerctl, tmp_path: Path) -> None:
    routerctl.apply(served("a"))
    (tmp_path / "file").touch()
    session = Session({}, str(routerctl.db))
    saving = Saving(str(tmp_path / "file"), apply=True)
    with pytest.raises(InvalidInput, match="is not a folder"):
        change(session, Deed("test"), {KEY: put({("priority",): 3})}, Asked(), saving)
    assert routerctl.ok("history", "-o", "name") == "revision/1\n"


def test_both_agree_afterwards_and_a_secret_is_sealed_in_both(routerctl: Routerctl, tmp_path: Path) -> None:
    routerctl.apply(served("a"))
    (tmp_path / "key").write_text("sk-canary\n")
    words = ("--type", "ollama", "--api-key-file", tmp_path / "key", "--save", routerctl.manifests)
    out = routerctl.ok("provider", "add", "gpu", *words, "--apply")
    assert out.splitlines()[-1] == "created   providers/gpu.yaml  (Provider/gpu)"
    written = (routerctl.manifests / "providers/gpu.yaml").read_text()
    assert ("sealed: s1-" in written, "sk-canary" in written) == (True, False)
    routerctl.ok("diff", "-f", routerctl.manifests)
    assert "created   providers/x.yaml" in routerctl.ok(
        "provider", "add", "x", "--type", "ollama", "--api-key-file", tmp_path / "key",
        "--save", routerctl.manifests, "--dry-run",
    )  # fmt: skip
    assert not (routerctl.manifests / "providers/x.yaml").exists()


def test_patch_label_annotate_and_delete_are_saved_as_well(routerctl: Routerctl) -> None:
    routerctl.apply(served("a"), served("b"))
    save = ("--save", routerctl.manifests)
    updated = "updated   a.yaml  (Provider/a)\n"
    assert routerctl.ok("patch", "provider/a", "-p", "spec: {priority: 7}", *save) == updated
    assert routerctl.ok("label", "provider/a", "tier=gold", *save) == updated
    assert routerctl.ok("annotate", "provider/a", "note=x", *save) == updated
    assert routerctl.ok("delete", "binding/b", *save) == "updated   a.yaml  (-Binding/b)\n"
    written = text(routerctl)
    assert ('"priority": 7' in written, "gold" in written, '"note"' in written) == (True, True, True)
    out = routerctl.ok("delete", "binding/b", "model/b", "--ignore-not-found", *save, "--apply")
    assert out.splitlines()[:2] == ["binding/b deleted", "model/b deleted"]
    assert routerctl.ok("history", "-o", "name").splitlines()[0] == "revision/2"
