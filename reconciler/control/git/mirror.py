"""A bare repository of our own that holds the newest commits of one branch, and which of them was applied.

It holds no credentials and nothing that can't be fetched again: where it is damaged it is made anew.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from reconciler.control.git.checkout import CheckedOut, Checkout
from reconciler.control.git.program import Git, GitFailed, Output
from reconciler.control.git.remote import Remote
from reconciler.control.kustomize.overlay import place_of
from reconciler.errors import Conflict, NotFound, Refused, StoreError, Unreachable

DEPTH = 100
"""So many commits are kept: enough to tell how far behind the applied one is."""
_REFS = "refs/routerctl/"
_TIP = f"{_REFS}tip"
_SYNCED = f"{_REFS}synced"
_NO_TEMPLATE = "--template="
_PACKS = 50
"""From so many on they are put together."""
_SHOWN_BRANCHES = 8
_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Commit:
    """`author` is `Name <address>`, as the commit says: nobody has proved it."""

    id: str
    author: str
    subject: str

    @property
    def short(self) -> str:
        return self.id[:10]


class Mirror:
    """Of one branch of one remote, below `folder`, for one path in it. Use it inside `locked`.

    What was applied while signatures did not count stands in another one than what was `verified`, and what is read of a
    folder in another than what its overlay is built of.
    """

    def __init__(
        self, git: Git, remote: Remote, branch: str, path: str, folder: Path, *, verified: bool = False
    ) -> None:
        self._git = git
        self._remote = remote
        self._branch = branch
        self._path = path
        of = f"{remote.address}\0{branch}\0{place_of(path)}\0{verified}"
        key = hashlib.sha256(of.encode()).hexdigest()[:16]
        self._folder = folder / key
        self._repository = self._folder / "mirror.git"
        self._refs: dict[str, str] | None = None
        self._commits: dict[str, Commit] = {}
        self._checkout = Checkout(git, self._repository, self._folder / "checkouts", self._fetch_blobs)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Raises Conflict where another process follows the same branch for the same store."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(f"the folder {self._folder} can't be made: {error.strerror}") from error
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Conflict(
                    f"another process follows {self._branch} of {self._remote.address} for this store already",
                    hint="end it first: one is enough",
                ) from None
            yield
        finally:
            os.close(descriptor)

    def fetch(self) -> None:
        """Makes `tip` what the branch is now. Raises NotFound without such a branch, Unreachable, Refused, TimedOut."""
        try:
            self._prepare()
            if self._remote_tip() != self.tip():
                self._fetch_tip()
        except Unreachable:
            self.discard_if_damaged()
            raise

    def _fetch_tip(self) -> None:
        self._refs = None
        refspec = f"+refs/heads/{self._branch}:{_TIP}"
        done = self._reach(
            "fetch", f"--depth={DEPTH}", "--update-shallow", "--filter=blob:none", "--no-tags", "--force",
            "--no-recurse-submodules", "--no-write-fetch-head", "--quiet", "origin", refspec,
        )  # fmt: skip
        if done.code != 0:
            raise self._unreachable(done)
        self._put_together()

    def tip(self) -> str | None:
        """The newest commit that was fetched."""
        return self._ref_values().get(_TIP)

    def synced(self) -> str | None:
        """The commit that was applied last."""
        return self._ref_values().get(_SYNCED)

    def set_synced(self, commit: str) -> None:
        self._refs = None
        self._git.ok("update-ref", _SYNCED, commit, repository=self._repository)

    def forget(self) -> None:
        """As if nothing had ever been fetched."""
        self._refs = None
        self._commits.clear()
        shutil.rmtree(self._repository, ignore_errors=True)

    def behind(self, commit: str, tip: str) -> int:
        """How many commits of `tip` are not of `commit`; more than DEPTH can't be told apart."""
        count = self._git.ok("rev-list", "--count", f"{commit}..{tip}", "--", repository=self._repository)
        return int(count)

    def commit(self, commit: str) -> Commit:
        if commit not in self._commits:
            self._commits[commit] = self._commit(commit)
        return self._commits[commit]

    def _commit(self, commit: str) -> Commit:
        answer = self._git.ok(
            "show", "--no-patch", "--format=%an <%ae>%x00%s", commit, "--", repository=self._repository
        )
        author, _, subject = answer.decode(errors="replace").strip("\n").partition("\0")
        return Commit(commit, _plain(author), _plain(subject))

    def verify(self, commit: str) -> None:
        """Raises Refused where nobody whom the user's git trusts signed it."""
        done = self._git.run("verify-commit", commit, repository=self._repository)
        if done.code != 0:
            why = done.err or "it bears no signature"
            raise Refused(
                f"its signature is not trusted: {why}",
                hint="git verify-commit decides: see gpg.ssh.allowedSignersFile, or the keys that gpg trusts",
            )

    def checked_out(self, commit: str) -> CheckedOut:
        """Its manifests as files. Raises InvalidManifests, and GitFailed where the mirror is damaged."""
        try:
            return self._checkout.of(commit, self._path)
        except GitFailed:
            self.discard_if_damaged()
            raise

    def tidy(self) -> None:
        """Removes what is kept of commits that are needed no longer."""
        self._commits.clear()
        self._checkout.keep_only(self.tip(), self.synced())

    def discard_if_damaged(self) -> None:
        """The next fetch makes it anew."""
        if (
            self._git.run("fsck", "--connectivity-only", "--no-dangling", repository=self._repository).code
            != 0
        ):
            self.forget()

    # -- inside ------------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        if not (self._repository / "HEAD").is_file():
            shutil.rmtree(self._repository, ignore_errors=True)
            made = self._folder / "mirror.new"
            shutil.rmtree(made, ignore_errors=True)
            done = self._git.run("init", "--bare", "--quiet", _NO_TEMPLATE, str(made))
            if done.code != 0:
                raise StoreError(f"the mirror {self._repository} can't be made: {done.err}")
            # what is missing here is at the remote; which that is, and how to reach it, stands in no file
            self._git.ok("config", "remote.origin.promisor", "true", repository=made)
            made.rename(self._repository)
        for lock in self._repository.rglob(
            "*.lock"
        ):  # of a git that was killed; we hold the lock of the whole
            lock.unlink(missing_ok=True)
        for piece in (self._repository / "objects" / "pack").glob("tmp_*"):
            piece.unlink(missing_ok=True)

    def _remote_tip(self) -> str:
        ref = f"refs/heads/{self._branch}"
        done = self._reach("ls-remote", "origin", ref)
        if done.code != 0:
            raise self._unreachable(done)
        for line in done.out.decode(errors="replace").splitlines():
            oid, _, name = line.partition("\t")
            if name == ref:
                return oid
        raise NotFound(f"there is no branch {self._branch} in {self._remote.address}", hint=self._branches())

    def _branches(self) -> str:
        heads = self._reach("ls-remote", "--heads", "origin").out.decode(errors="replace").splitlines()
        names = [_plain(line.partition("\trefs/heads/")[2]) for line in heads]
        if not names:
            return "it has no branch at all yet"
        more = f" and {len(names) - _SHOWN_BRANCHES} more" if len(names) > _SHOWN_BRANCHES else ""
        return f"there are: {', '.join(names[:_SHOWN_BRANCHES])}{more}"

    def _fetch_blobs(self, commit: str, ids: Sequence[str]) -> None:
        """Those that are not here: a fetch brings no content of files where the remote can leave it out."""
        told = self._git.ok(
            "rev-list", "--objects", "--missing=print", "--no-object-names", "--no-walk", commit, "--",
            repository=self._repository,
        )  # fmt: skip
        missing = {line[1:] for line in told.decode("ascii").splitlines() if line.startswith("?")}
        missing.intersection_update(ids)
        if not missing:
            return
        done = self._reach(
            "fetch", "--no-tags", "--no-recurse-submodules",
            "--no-write-fetch-head", "--filter=blob:none", "--quiet", "--stdin", "origin",
            stdin="".join(f"{oid}\n" for oid in missing).encode(),
            config=(("fetch.negotiationAlgorithm", "noop"),),
        )  # fmt: skip
        if done.code != 0:
            raise self._unreachable(done)

    def _reach(self, *arguments: str, stdin: bytes = b"", config: Sequence[tuple[str, str]] = ()) -> Output:
        settings = (("remote.origin.url", self._remote.address), *self._remote.config, *config)
        return self._git.run(
            *arguments, repository=self._repository, config=settings, stdin=stdin, ssh=self._ssh
        )

    @cached_property
    def _ssh(self) -> str:
        return self._git.ssh_command()

    def _unreachable(self, done: Output) -> Unreachable:
        why = done.err or f"git ended with code {done.code}"
        return Unreachable(f"{self._remote.address} can't be fetched from: {why}")

    def _ref_values(self) -> dict[str, str]:
        """Nobody else moves them while we hold the lock. Empty as well where there is no mirror yet."""
        if self._refs is None:
            told = b""
            if self._repository.is_dir():
                told = self._git.ok(
                    "for-each-ref", "--format=%(refname) %(objectname)", _REFS, repository=self._repository
                )
            self._refs = dict(line.split(" ", 1) for line in told.decode("ascii").splitlines())
        return self._refs

    def _put_together(self) -> None:
        packs = list((self._repository / "objects" / "pack").glob("*.pack"))
        if len(packs) >= _PACKS:
            self._git.run("gc", "--prune=now", "--quiet", repository=self._repository)


def _plain(text: str) -> str:
    """Foreign text in one line of ours."""
    return "".join(sign if sign.isprintable() else " " for sign in text)[:_SUBJECT].strip()
