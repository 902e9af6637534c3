"""Commands that change single resources, and the ways back."""

from pathlib import Path

from fakes.both_ways import BothWays
from fakes.command import manifest, served


def test_resources_are_changed_one_by_one(both: BothWays) -> None:
    both.write(
        "a.yaml", served("one"), manifest("Model", "kept", annotations={"routerctl.dev/protected": "yes"})
    )
    both.ok("apply", "-f", both.manifests)
    done: tuple[tuple[str, ...], ...] = (
        ("patch", "provider/one", "-p", '{"spec": {"priority": 3}}', "-m", "because"),
        ("patch", "provider/one", "-p", '{"spec": {"priority": 3}}'),
        (
            "patch",
            "provider/one",
            "--type",
            "json",
            "-p",
            '[{"op": "remove", "path": "/spec/priority"}]',
            "--dry-run",
        ),
        ("label", "provider/one", "tier=gold"),
        ("annotate", "model", "--all", "seen=yes", "-o", "json"),
        ("delete", "binding/one", "--dry-run"),
        ("delete", "binding/one", "model/one"),
        ("delete", "model/one", "--ignore-not-found"),
    )
    for arguments in done:
        assert both(*arguments).code == 0, arguments
    refused: tuple[tuple[int, tuple[str, ...]], ...] = (
        (4, ("label", "provider/one", "tier=silver")),
        (3, ("patch", "provider/one", "-p", '{"spec": {"priorty": 3}}')),
        (3, ("patch", "provider/none", "-p", "{}")),
        (4, ("patch", "provider/one", "-p", '{"metadata": {"resourceVersion": "1"}}')),
        (3, ("patch", "provider/one", "-p", '{"metadata": {"name": "two"}}')),
        (3, ("delete", "model/none")),
        (4, ("delete", "model/kept")),
        (4, ("patch", "provider/one", "-p", "{}", "--field-manager", "git:other")),
    )
    for code, arguments in refused:
        assert both(*arguments).code == code, arguments


def test_a_resource_is_edited(both: BothWays, tmp_path: Path) -> None:
    both.ok("apply", "-f", "-", stdin=manifest("Model", "m", {"contextWindow": 1000}))
    script = tmp_path / "editor"
    script.write_text("#!/bin/sh\nsed -i 's/contextWindow: 1000/contextWindow: 2000/' \"$1\"\n")
    script.chmod(0o755)
    both.routerctl.monkeypatch.setenv("EDITOR", str(script))
    assert "edited" in both.ok("edit", "model/m", "-m", "larger")
    assert "cancelled" in both.ok("edit", "model/m")


def test_a_rollback_holds_until_it_is_ended(both: BothWays) -> None:
    both.write("a.yaml", served("one"))
    both.ok("apply", "-f", both.manifests)
    both.write("a.yaml", served("one", priority=7), manifest("Model", "new"))
    both.ok("apply", "-f", both.manifests)
    assert both("rollback", "head~1", "--dry-run").code == 0
    assert both("rollback", "1", "--only", "Provider/none").code == 3
    assert "Held against" in both.ok("rollback", "1", "--only", "Provider/one", "-m", "too high")
    assert both("rollback", "1", "-o", "json").code == 0
    assert "resumed" in both.ok("resume", str(both.manifests))
    assert both("resume", "nobody").code == 3
    assert both("rollback", "99").code == 3


def test_resources_are_adopted(both: BothWays) -> None:
    both.ok("apply", "-f", "-", stdin=manifest("Model", "m"))
    both.write("a.yaml", manifest("Model", "m", {"contextWindow": 5}))
    assert both("adopt", "model/m", "-f", both.manifests, "--dry-run").code == 0
    assert "adopted" in both.ok("adopt", "model/m", "-f", both.manifests)
    assert both("adopt", "model/none", "-f", both.manifests).code == 3
    assert both("adopt", "model/m", "--source", "nobody").code == 3
