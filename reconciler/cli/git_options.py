"""Options of the commands that follow a git branch."""

from collections.abc import Callable, Mapping
from typing import TypedDict, TypeVar

import click

from reconciler.bootstrap.following import Following, read_hook_secret
from reconciler.cli.options import Duration
from reconciler.control.git.remote import check_branch, check_path, parse_remote
from reconciler.control.kustomize.overlay import Overlay
from reconciler.control.proposal import DEFAULT, Guards
from reconciler.control.sync import Branch

F = TypeVar("F", bound=Callable[..., object])

DEFAULT_BRANCH = "main"
DEFAULT_INTERVAL_SECONDS = 30.0


class GitTold(TypedDict):
    """The values of the options below."""

    branch: str | None
    path: str | None
    interval: float | None
    verify_signatures: bool
    no_self_heal: bool
    webhook_secret_file: str | None


FLAGS = {
    "branch": "--branch",
    "path": "--path",
    "interval": "--interval",
    "verify_signatures": "--verify-signatures",
    "no_self_heal": "--no-self-heal",
    "webhook_secret_file": "--webhook-secret-file",
}


def git_option(*, required: bool) -> Callable[[F], F]:
    return click.option(
        "--git",
        "git",
        metavar="URL|PATH",
        required=required,
        help="The repository to follow, over https, ssh or as a path. Credentials are best kept out of it: git's "
        "credential helpers and ssh agents work.",
    )


def git_options(command: F) -> F:
    """Gives the command the keywords of GitTold."""
    for option in reversed(_options()):
        command = option(command)
    return command


def following(
    git: str,
    told: GitTold,
    *,
    source: str | None,
    prune: bool,
    guards: Guards = DEFAULT,
    repeats: bool = True,
    overlay: str | None = None,
) -> Following:
    """`overlay`: the folder in the repository that -k names. Raises InvalidInput for what can't be followed."""
    if overlay is not None and told["path"] is not None:
        raise click.UsageError("give --path or -k, not both")
    path = check_path(told["path"] or "") if overlay is None else Overlay(check_path(overlay))
    secret = told["webhook_secret_file"]
    branch = Branch(
        parse_remote(git),
        check_branch(told["branch"] or DEFAULT_BRANCH),
        path,
        source,
        told["verify_signatures"],
        not told["no_self_heal"],
        told["interval"] or DEFAULT_INTERVAL_SECONDS,
        repeats,
    )
    return Following(branch, prune, read_hook_secret(secret) if secret is not None else None, guards)


def flags_given(told: GitTold) -> list[str]:
    """Those that say something."""
    values: Mapping[str, object] = told
    return [flag for name, flag in FLAGS.items() if values[name]]


def _options() -> list[Callable[[F], F]]:
    return [
        click.option("--branch", metavar="NAME", help=f"The branch to follow. [default: {DEFAULT_BRANCH}]"),
        click.option(
            "--path", metavar="DIR", help="Where the manifests stand in the repository. [default: all of it]"
        ),
        click.option(
            "--interval",
            metavar="DURATION",
            type=Duration(),
            help="How often the branch is fetched, and what changed behind its back taken back. "
            f"[default: {DEFAULT_INTERVAL_SECONDS:g}s]",
        ),
        click.option(
            "--verify-signatures",
            is_flag=True,
            help="Apply only commits whose signature git verify-commit trusts.",
        ),
        click.option(
            "--no-self-heal",
            is_flag=True,
            help="Report what was changed by hand, and leave it. Everything else of a commit is applied.",
        ),
        click.option(
            "--webhook-secret-file",
            metavar="FILE",
            help="Take POST /hooks/git on the management listener, signed with the secret in this file.",
        ),
    ]
