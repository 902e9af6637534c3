from pathlib import Path

import click
import pytest

from reconciler.cli.git_options import GitTold, flags_given, following
from reconciler.control.kustomize.overlay import Overlay
from reconciler.errors import InvalidInput

NOTHING: GitTold = {
    "branch": None,
    "path": None,
    "interval": None,
    "verify_signatures": False,
    "no_self_heal": False,
    "webhook_secret_file": None,
}


def test_defaults() -> None:
    made = following("https://github.com/acme/routing", NOTHING, source=None, prune=False)
    branch = made.branch
    assert (branch.name, branch.path, branch.interval_seconds) == ("main", "", 30.0)
    assert (branch.verify, branch.heal, branch.repeats, made.prune, made.hook_secret) == (
        False, True, True, False, None
    )  # fmt: skip


def test_what_is_told_is_passed_on(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    told: GitTold = {
        "branch": "prod",
        "path": "./m/",
        "interval": 5.0,
        "verify_signatures": True,
        "no_self_heal": True,
        "webhook_secret_file": str(tmp_path / "secret"),
    }
    made = following("git@host:x", told, source="acme", prune=True, repeats=False)
    branch = made.branch
    assert (branch.name, branch.path, branch.source, branch.interval_seconds) == ("prod", "m", "acme", 5.0)
    assert (branch.verify, branch.heal, branch.repeats, made.prune) == (True, False, False, True)
    assert made.hook_secret is not None
    assert flags_given(told) == [
        "--branch", "--path", "--interval", "--verify-signatures", "--no-self-heal", "--webhook-secret-file"
    ]  # fmt: skip
    assert flags_given(NOTHING) == []


def test_an_overlay_stands_for_a_path_and_not_beside_it() -> None:
    branch = following("https://h/x", NOTHING, source=None, prune=False, overlay="./overlays/prod/").branch
    assert isinstance(branch.path, Overlay)
    assert branch.path == "overlays/prod"
    with pytest.raises(click.UsageError, match="give --path or -k, not both"):
        following("https://h/x", {**NOTHING, "path": "m"}, source=None, prune=False, overlay="o")
    with pytest.raises(InvalidInput):
        following("https://h/x", NOTHING, source=None, prune=False, overlay="../o")


@pytest.mark.parametrize(
    ("git", "more"),
    [("ext::x", {}), ("https://h/x", {"branch": "--upload-pack=x"}), ("https://h/x", {"path": "../x"})],
)
def test_what_cannot_be_followed_is_refused(git: str, more: GitTold) -> None:
    with pytest.raises(InvalidInput):
        following(git, {**NOTHING, **more}, source=None, prune=False)
