from pathlib import Path

import pytest

from reconciler.cli.export_output import (
    folder_diff,
    folder_json,
    folder_lines,
    print_folder,
    warn_of_literals,
)
from reconciler.control.manifest.round_trip.folder import FileChange, FolderPlan
from reconciler.resources.resource import ResourceKey

KEY = ResourceKey("Provider", "default", "p")
OLD = ResourceKey("Model", "team", "old")
TEXT = b"apiVersion: routerctl.dev/v1\nkind: Provider\nmetadata: {name: p}\nspec:\n  config: {apiKey: sk-1}\n"


def test_each_file_that_changes_has_a_line_and_one_counts() -> None:
    changes = (
        FileChange("a.yaml", b"", b"x", (KEY,), (OLD,)),
        FileChange("b\x1b.yaml", None, b"x", (KEY,)),
        FileChange("c.yaml", b"x", None, (), (OLD,)),
    )
    plan = FolderPlan(Path("/x"), changes, ("d.yaml",), ())
    assert folder_lines(plan, every=False) == [
        "updated   a.yaml  (Provider/p, -Model/team/old)",
        "created   b\\x1b.yaml  (Provider/p)",
        "removed   c.yaml  (-Model/team/old)",
        "4 files: 1 created, 1 updated, 1 removed, 1 unchanged.",
    ]


def test_what_stays_can_be_seen() -> None:
    plan = FolderPlan(Path("/x"), (), ("d.yaml",), ((OLD, "d.yaml"),))
    assert folder_lines(plan, every=True) == [
        "unchanged d.yaml",
        "1 file: 1 unchanged.",
        "Not in the store; --prune removes what is written of it: Model/team/old (d.yaml)",
    ]


def test_a_diff_is_one_that_programs_read_and_shows_no_secret() -> None:
    after = TEXT.replace(b"{apiKey: sk-1}", b"{apiKey: sk-2}").removesuffix(b"\n") + b"\n  priority: 3"
    shown = folder_diff(
        [
            FileChange("a.yaml", TEXT, after, (KEY,)),
            FileChange("n.yaml", None, b"a: 1\n"),
            FileChange("o.yaml", b"a: 1\n", None),
        ]
    )
    assert shown == (
        "--- a/a.yaml\n+++ b/a.yaml\n@@ -3,3 +3,4 @@\n metadata: {name: p}\n spec:\n   config: {apiKey: (hidden)}\n"
        "+  priority: 3\n\\ No newline at end of file\n"
        "--- /dev/null\n+++ b/n.yaml\n@@ -0,0 +1 @@\n+a: 1\n"
        "--- a/o.yaml\n+++ /dev/null\n@@ -1 +0,0 @@\n-a: 1\n"
    )


def test_programs_are_told_the_same() -> None:
    change = FileChange("a.yaml", b"", b"x", (KEY,), (OLD,))
    plan = FolderPlan(Path("/x"), (change,), ("d.yaml",), ((OLD, "d.yaml"),))
    assert folder_json(plan, {KEY: "o/"}, dry_run=False) == {
        "dryRun": False,
        "files": [
            {"path": "a.yaml", "action": "updated", "written": ["Provider/p"], "removed": ["Model/team/old"]}
        ],
        "unchanged": ["d.yaml"],
        "notInStore": [{"key": "Model/team/old", "path": "d.yaml"}],
        "overlaid": [{"key": "Provider/p", "path": "o/"}],
    }


def test_what_was_done_and_what_was_not(capsys: pytest.CaptureFixture[str]) -> None:
    plan = FolderPlan(Path("/x"), (FileChange("a.yaml", None, b"a: 1\n", (KEY,)),), (), ())
    print_folder(plan, {OLD: "o/"}, "text", dry_run=True, every=False)
    warn_of_literals({(KEY, ("spec", "config", "apiKey"))})
    shown = capsys.readouterr()
    assert shown.out == (
        "--- /dev/null\n+++ b/a.yaml\n@@ -0,0 +1 @@\n+a: 1\n"
        "created   a.yaml  (Provider/p)\n1 file: 1 created, 0 unchanged.\n"
        "Made by an overlay, so in no file; change it there: Model/team/old (o/)\nDry run: nothing was written.\n"
    )
    assert shown.err == (
        "warning: Provider/p: spec.config.apiKey: a plain secret can't be compared without the key; it stays\n"
    )
    print_folder(plan, {}, "jsonpath={.files[0].path}", dry_run=False, every=False)
    assert capsys.readouterr().out == "a.yaml\n"
