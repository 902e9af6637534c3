"""What is needed to follow a branch: the git program, a mirror beside the store, and a reconciler of that store."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom
from threading import Event

from reconciler.bootstrap.ciphers import cipher_at_hand
from reconciler.bootstrap.writing import cipher_for_sealing
from reconciler.clock import Clock
from reconciler.control.git.mirror import Mirror
from reconciler.control.git.program import Git
from reconciler.control.intake import remembering
from reconciler.control.proposal import DEFAULT, Guards
from reconciler.control.reconcile import Reconciler
from reconciler.control.sync import Branch, Sync
from reconciler.control.watch import ReconcileLoop
from reconciler.errors import InvalidInput
from reconciler.secrets.files import read_regular
from reconciler.secrets.value import SecretValue
from reconciler.store.reader import Reader
from reconciler.store.url import StoreLocation
from reconciler.store.writer import Writer

_SECRET_BYTES = 4096

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Following:
    """What is followed, whether what is gone is deleted, and what a webhook has to know."""

    branch: Branch
    prune: bool = False
    hook_secret: SecretValue | None = None
    guards: Guards = DEFAULT


@dataclass(frozen=True, slots=True)
class Target:
    """An open store, and what goes with it."""

    location: StoreLocation
    writer: Writer
    reader: Reader
    clock: Clock
    environ: Mapping[str, str] = field(repr=False)

    def reconciler(self, *, prune: bool, guards: Guards) -> Reconciler:
        reader = self.reader
        return Reconciler(
            records=reader,
            known_sources=lambda: sorted(reader.sources()),
            committer=self.writer,
            cipher=lambda: cipher_for_sealing(self.location, self.environ, reader),
            opens=lambda: cipher_at_hand(self.location, self.environ, reader, _log.info),
            clock=self.clock,
            prune=prune,
            guards=guards,
            read=remembering(self.location.memory_path),
        )


def mirrors_beside(location: StoreLocation) -> Path:
    """The folder of a store's mirrors. It can be removed: what is in it is fetched again."""
    return location.config_path.with_name(f"{location.config_path.stem}-git")


def follow_branch(following: Following, target: Target, stopped: Event) -> Sync:
    """`stopped` ends a git that is at work. Raises GitMissing where there is none that can be used."""
    git = Git(target.environ, target.clock, stopped=stopped)
    git.check_version()
    branch = following.branch
    mirror = Mirror(
        git, branch.remote, branch.name, branch.path, mirrors_beside(target.location), verified=branch.verify
    )
    reconciler = target.reconciler(prune=following.prune, guards=following.guards)
    return Sync(branch, mirror, reconciler, target.clock, SystemRandom().random)


def ask(sync: Sync, loop: ReconcileLoop) -> None:
    """Look at the branch now."""
    sync.ask()
    loop.request()


def read_hook_secret(path: str) -> SecretValue:
    """Without the line feed at its end. Raises InvalidInput."""
    try:
        _, content = read_regular(path, limit=_SECRET_BYTES, follow=True)
        text = content.decode().rstrip("\r\n")
    except (OSError, ValueError):
        raise InvalidInput(
            f"the webhook's secret can't be read from {path}", hint="name a text file"
        ) from None
    if not text or len(content) > _SECRET_BYTES:
        raise InvalidInput(
            f"{path} is no webhook's secret: it is empty or too large",
            hint="write one line into it, such as openssl rand -hex 32 prints",
        )
    return SecretValue(text)
