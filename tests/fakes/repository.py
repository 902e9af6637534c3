"""A git repository that people push to, and the branch of it that is followed. The program is the real one."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from fakes.store import SteppingClock
from fakes.workshop import Workshop

from reconciler.control.git.mirror import Mirror
from reconciler.control.git.program import Git, Limits
from reconciler.control.git.remote import parse_remote
from reconciler.control.reconcile import Result
from reconciler.control.sync import Branch, Sync

AUTHOR = "Ada Lovelace <ada@example.com>"
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Ada Lovelace",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada Lovelace",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
}


class Repository:
    """`folder` is where people work. A value of None removes a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main", "--template=")
        with (folder / ".git" / "config").open("a") as config:
            config.write("[uploadpack]\n\tallowFilter = true\n")

    def git(self, *arguments: str, env: Mapping[str, str] | None = None) -> str:
        done = subprocess.run(
            ["git", "-C", str(self.folder), *arguments],
            check=False,
            capture_output=True,
            text=True,
            env={**ENVIRONMENT, **(env or {})},
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, subject: str, files: Mapping[str, str | None], *options: str) -> str:
        """The id of the commit."""
        for name, text in files.items():
            file = self.folder / name
            if text is None:
                file.unlink()
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", subject, *options)
        head = (self.folder / ".git" / "HEAD").read_text().removeprefix("ref: ").strip()
        return (self.folder / ".git" / head).read_text().strip()


class SettableClock(SteppingClock):
    """Its `monotonic` stands still until it is moved."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


class Follower:
    """The loop of `sync` without its waiting: `step` by hand, on a store and a mirror of its own."""

    def __init__(self, shop: Workshop, repository: Path, *, prune: bool = False, **branch: object) -> None:
        self.shop = shop
        self.clock = SettableClock()
        self.git = Git(ENVIRONMENT, self.clock, Limits(seconds=60.0))
        self.branch = Branch(parse_remote(str(repository)), **branch)  # type: ignore[arg-type]  # by its keywords
        self.mirror = Mirror(
            self.git,
            self.branch.remote,
            self.branch.name,
            self.branch.path,
            shop.root / "mirrors",
            verified=self.branch.verify,
        )
        self.sync = Sync(self.branch, self.mirror, shop.reconciler(prune=prune), self.clock, lambda: 1.0)

    def step(self) -> Result:
        with self.sync.begun():
            return self.sync.step()
