"""Runs the git program with everything off that a repository, or a hook around us, could use to make it do more."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from threading import Event
from typing import IO, NamedTuple

from reconciler.clock import Clock
from reconciler.control.git.remote import PROTOCOLS, masked
from reconciler.errors import Refused, RouterctlError, StoreError, TimedOut, Unreachable

OLDEST = (2, 31)
"""The first version that takes settings from its environment (GIT_CONFIG_COUNT)."""
_LOOK_SECONDS = 0.05
_ERROR_BYTES = 16 * 1024
_ERROR_LINES = 6
_VERSION = re.compile(rb"git version (\d+)\.(\d+)")
_NOISE = re.compile(
    r"(?:remote: )?(?:warning|hint): |Please make sure you have the correct|and the repository exists",
    re.IGNORECASE,
)

_SETTINGS = (
    ("core.hooksPath", os.devnull),
    ("core.fsmonitor", "false"),
    ("core.attributesFile", os.devnull),
    ("core.symlinks", "false"),
    ("core.askPass", ""),
    ("filter.lfs.smudge", ""),
    ("filter.lfs.process", ""),
    ("filter.lfs.required", "false"),
    ("submodule.recurse", "false"),
    ("fetch.recurseSubmodules", "false"),
    ("fetch.bundleURI", ""),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("log.showSignature", "false"),
    ("i18n.logOutputEncoding", "UTF-8"),
    ("protocol.version", "2"),
    ("http.lowSpeedLimit", "1000"),
    ("http.lowSpeedTime", "60"),
)
_INSTALL = "install git 2.31 or newer: apt-get install git, dnf install git, brew install git, or https://git-scm.com"


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one run. `fetched_bytes`: by how much a fetch may let the mirror grow."""

    seconds: float = 120.0
    fetched_bytes: int = 512 * 1024 * 1024
    output_bytes: int = 320 * 1024 * 1024


class GitMissing(Unreachable):
    """There is no git program here, or too old a one."""

    reason = "GitMissing"


class GitFailed(Unreachable):
    """Git said no. The message is git's own, without credentials."""

    reason = "GitFailed"


class Stopped(RouterctlError):
    """The process ends, and nobody waits for git."""

    exit_code = 130
    reason = "Stopped"


class Output(NamedTuple):
    """`err`: git's last words, without credentials and hints."""

    code: int
    out: bytes
    err: str


@dataclass(frozen=True, slots=True)
class Git:
    """`environ` is the process's; `stopped` ends what runs when it is set. Raises GitMissing, TimedOut, Refused, Stopped."""

    environ: Mapping[str, str] = field(repr=False)
    clock: Clock
    limits: Limits = Limits()
    program: str = "git"
    stopped: Event = field(default_factory=Event)

    def check_version(self) -> tuple[int, int]:
        """Raises GitMissing, with words that say what to install."""
        found = _VERSION.match(self.run("--version").out)
        version = (int(found[1]), int(found[2])) if found is not None else (0, 0)
        if version < OLDEST:
            shown = ".".join(map(str, version)) if found is not None else "of an unknown version"
            raise GitMissing(f"git here is {shown}; 2.31 is the oldest that works", hint=_INSTALL)
        return version

    def ssh_command(self) -> str:
        """The user's own, told never to ask."""
        configured = self.run("config", "--global", "--get", "core.sshCommand")
        own = configured.out.decode(errors="replace").strip() if configured.code == 0 else ""
        return f"{own or 'ssh'} -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15"

    def ok(
        self,
        *arguments: str,
        repository: Path,
        config: Sequence[tuple[str, str]] = (),
        stdin: bytes = b"",
        ssh: str | None = None,
    ) -> bytes:
        """What it printed. Raises GitFailed where it fails."""
        done = self.run(*arguments, repository=repository, config=config, stdin=stdin, ssh=ssh)
        if done.code != 0:
            raise GitFailed(f"git {arguments[0]} failed: {done.err or f'exit code {done.code}'}")
        return done.out

    def run(
        self,
        *arguments: str,
        repository: Path | None = None,
        config: Sequence[tuple[str, str]] = (),
        stdin: bytes = b"",
        ssh: str | None = None,
    ) -> Output:
        """`repository` is a bare one of ours. `ssh`: the command with which git reaches a host."""
        place = ["--git-dir", str(repository)] if repository is not None else []
        settings = [*_SETTINGS, *config]
        if repository is not None:
            settings.append(("safe.directory", str(repository)))
        with _files(stdin) as (given, out, err):
            before = _size(repository) if arguments[0] == "fetch" else None
            try:
                process = subprocess.Popen(
                    [self.program, "--no-pager", *place, *arguments],
                    stdin=given,
                    stdout=out,
                    stderr=err,
                    cwd=repository or os.sep,
                    env=_environment(self.environ, settings, ssh),
                    start_new_session=True,  # no terminal to ask at, and one group to end
                )
            except OSError as error:
                reason = error.strerror or "it can't be started"
                raise GitMissing(f"there is no git program here ({reason.lower()})", hint=_INSTALL) from None
            try:
                code = self._wait(process, arguments[0], out, (repository, before))
            finally:
                _end(process)
            return Output(code, _read(out, self.limits.output_bytes), _words(err))

    def _wait(
        self,
        process: "subprocess.Popen[bytes]",
        verb: str,
        out: IO[bytes],
        growing: tuple[Path | None, int | None],
    ) -> int:
        end = self.clock.monotonic() + self.limits.seconds
        repository, before = growing
        while True:
            try:
                return process.wait(_LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                pass
            if self.stopped.is_set():
                raise Stopped("stopped while git was at work")
            if self.clock.monotonic() > end:
                raise TimedOut(
                    f"git {verb} took longer than {self.limits.seconds:g} s",
                    hint="look at the network, and at the repository's size",
                )
            if before is not None and _size(repository) - before > self.limits.fetched_bytes:
                raise Refused(
                    f"the repository sent more than {self.limits.fetched_bytes // 1024 // 1024} MiB",
                    hint="keep manifests in a repository of their own",
                )
            if os.fstat(out.fileno()).st_size > self.limits.output_bytes:
                raise Refused(f"git {verb} printed more than {self.limits.output_bytes // 1024 // 1024} MiB")


@contextmanager
def _files(stdin: bytes) -> Iterator[tuple[IO[bytes], IO[bytes], IO[bytes]]]:
    """For stdin, stdout and stderr: unlike pipes they can't fill up, and leave nobody waiting."""
    with ExitStack() as stack:
        try:
            given, out, err = (stack.enter_context(TemporaryFile()) for _ in range(3))
            given.write(stdin)
            given.seek(0)
        except OSError as error:
            raise StoreError(f"no temporary file can be written: {error.strerror}") from error
        yield given, out, err


def _environment(
    environ: Mapping[str, str], settings: Sequence[tuple[str, str]], ssh: str | None
) -> dict[str, str]:
    """The user's own, for credential helpers, agents and proxies; but nothing that steers git, and none of our keys."""
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith(("GIT_", "ROUTERCTL_", "SSH_ASKPASS", "LC_")) and name != "LANGUAGE"
    }
    kept |= {
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS_REQUIRE": "never",
        "GCM_INTERACTIVE": "never",
        "GIT_ALLOW_PROTOCOL": ":".join(PROTOCOLS),
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_CONFIG_COUNT": str(len(settings)),
    }
    if ssh is not None:
        kept["GIT_SSH_COMMAND"] = ssh
    for number, (key, value) in enumerate(settings):
        kept[f"GIT_CONFIG_KEY_{number}"] = key
        kept[f"GIT_CONFIG_VALUE_{number}"] = value
    return kept


def _end(process: "subprocess.Popen[bytes]") -> None:
    """The whole group: git leaves helpers behind. A group that has ended has no number any more."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _size(repository: Path | None) -> int:
    """Bytes of the objects, those that are being written included."""
    if repository is None:
        return 0
    total = 0
    for folder, _, names in os.walk(repository / "objects"):
        for name in names:
            try:
                total += os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118  many files, and often
            except OSError:  # git has renamed it meanwhile
                continue
    return total


def _read(file: IO[bytes], limit: int) -> bytes:
    file.seek(0)
    return file.read(limit)


def _words(file: IO[bytes]) -> str:
    """The last lines that are neither warning nor hint."""
    file.seek(0, os.SEEK_END)
    file.seek(max(0, file.tell() - _ERROR_BYTES))
    text = file.read().decode(errors="replace")
    lines = [
        "".join(sign for sign in line if sign.isprintable()).strip()
        for line in text.replace("\r", "\n").splitlines()
    ]
    told = [line for line in lines if line and not _NOISE.match(line)]
    return masked("; ".join(told[-_ERROR_LINES:]))
