import os
import stat
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from fakes.repository import ENVIRONMENT, SettableClock
from fakes.running import gone, wait

from reconciler.clock import SystemClock
from reconciler.control.git import program as module
from reconciler.control.git.program import Git, GitFailed, GitMissing, Limits, Stopped
from reconciler.errors import Refused, StoreError, TimedOut

Fake = Callable[[str], str]


@pytest.fixture
def fake(tmp_path: Path) -> Fake:
    """Writes a program that stands in for git."""

    def write(script: str) -> str:
        program = tmp_path / "git"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        return str(program)

    return write


def test_the_version_here_is_new_enough() -> None:
    assert Git(ENVIRONMENT, SystemClock()).check_version() >= (2, 31)


def test_without_git_it_says_what_to_install() -> None:
    with pytest.raises(GitMissing) as missing:
        Git(ENVIRONMENT, SystemClock(), program="/nowhere/git").check_version()
    assert missing.value.message == "there is no git program here (no such file or directory)"
    assert "apt-get install git" in (missing.value.hint or "")


@pytest.mark.parametrize(
    ("said", "words"),
    [("git version 2.20.1", "git here is 2.20"), ("another program", "of an unknown version")],
)
def test_a_git_that_is_too_old_is_refused(fake: Fake, said: str, words: str) -> None:
    with pytest.raises(GitMissing, match=words):
        Git(ENVIRONMENT, SystemClock(), program=fake(f"echo {said}")).check_version()


def test_the_environment_holds_nothing_that_steers_git_and_none_of_our_keys(
    fake: Fake, tmp_path: Path
) -> None:
    environ = {
        **ENVIRONMENT,
        "GIT_DIR": "/elsewhere",
        "GIT_SSH_COMMAND": "evil",
        "GIT_EXTERNAL_DIFF": "evil",
        "ROUTERCTL_ENCRYPTION_KEY": "k",
        "SSH_ASKPASS": "evil",
        "SSH_AUTH_SOCK": "/agent",
        "LC_ALL": "de_DE.UTF-8",
    }
    git = Git(environ, SystemClock(), program=fake("env"))
    shown = git.run("x", repository=tmp_path, config=[("a.b", "c")], ssh="ssh -o X").out.decode()
    seen = dict(line.split("=", 1) for line in shown.splitlines())
    assert (
        not {"GIT_DIR", "GIT_EXTERNAL_DIFF", "GIT_CONFIG_GLOBAL", "ROUTERCTL_ENCRYPTION_KEY", "SSH_ASKPASS"}
        & seen.keys()
    )
    assert (seen["GIT_SSH_COMMAND"], seen["SSH_AUTH_SOCK"], seen["LC_ALL"]) == ("ssh -o X", "/agent", "C")
    assert (seen["GIT_TERMINAL_PROMPT"], seen["GIT_ASKPASS"], seen["GIT_ALLOW_PROTOCOL"]) == (
        "0", "", "https:ssh:file"
    )  # fmt: skip
    count = int(seen["GIT_CONFIG_COUNT"])
    settings = {seen[f"GIT_CONFIG_KEY_{n}"]: seen[f"GIT_CONFIG_VALUE_{n}"] for n in range(count)}
    assert settings["core.hooksPath"] == os.devnull
    assert settings["core.fsmonitor"] == settings["core.symlinks"] == "false"
    assert (settings["safe.directory"], settings["a.b"]) == (str(tmp_path), "c")


def test_the_users_ssh_is_kept_and_never_asks(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    environ = {"PATH": ENVIRONMENT["PATH"], "HOME": str(home)}
    assert Git(environ, SystemClock()).ssh_command().startswith("ssh -o BatchMode=yes ")
    (home / ".gitconfig").write_text("[core]\n\tsshCommand = ssh -i key\n")
    assert Git(environ, SystemClock()).ssh_command().startswith("ssh -i key -o BatchMode=yes ")


def test_a_protocol_that_is_not_allowed_is_refused_by_git_as_well(tmp_path: Path) -> None:
    git = Git(ENVIRONMENT, SystemClock())
    done = git.run("ls-remote", f"ext::sh -c 'touch {tmp_path}/made'")
    assert done.code != 0
    assert "not allowed" in done.err
    assert not (tmp_path / "made").exists()


def test_its_last_words_are_shown_without_credentials_and_hints(fake: Fake) -> None:
    script = "printf 'hint: try\\nwarning: w\\nfatal: https://u:pw@host/x\\033[1m is\\rgone\\n' >&2; exit 3"
    with pytest.raises(GitFailed) as failed:
        Git(ENVIRONMENT, SystemClock(), program=fake(script)).ok("fetch", repository=Path("/"))
    assert failed.value.message == "git fetch failed: fatal: https://***@host/x[1m is; gone"
    with pytest.raises(GitFailed, match="git fetch failed: exit code 3"):
        Git(ENVIRONMENT, SystemClock(), program=fake("exit 3")).ok("fetch", repository=Path("/"))


def test_a_run_that_takes_too_long_is_ended_with_all_that_it_started(fake: Fake, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    program = fake(f"cat {tmp_path}/pipe & echo $! > {tmp_path}/pid; wait")
    git = Git(ENVIRONMENT, _Hurrying(tmp_path / "pid"), Limits(seconds=5.0), program)
    with pytest.raises(TimedOut, match="git fetch took longer than 5 s"):
        git.run("fetch")
    wait(lambda: gone(int((tmp_path / "pid").read_text())), "the end of what it started")


class _Hurrying(SettableClock):
    """Its time begins with the first look, and is over once a file is there."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        self._begun = False

    def monotonic(self) -> float:
        over = self._begun and self._file.exists() and bool(self._file.read_text())
        self._begun = True
        return self.seconds + (1000.0 if over else 0.0)


def test_a_fetch_that_brings_too_much_is_ended(fake: Fake, tmp_path: Path) -> None:
    (tmp_path / "objects").mkdir()
    script = f"head -c 3000000 /dev/zero > {tmp_path}/objects/pack; exec cat {tmp_path}/pipe"
    os.mkfifo(tmp_path / "pipe")
    git = Git(ENVIRONMENT, SystemClock(), Limits(fetched_bytes=2 * 1024 * 1024), fake(script))
    with pytest.raises(Refused, match="sent more than 2 MiB"):
        git.run("fetch", repository=tmp_path)


def test_output_that_never_ends_is_ended(fake: Fake) -> None:
    git = Git(ENVIRONMENT, SystemClock(), Limits(output_bytes=1024 * 1024), fake("exec cat /dev/zero"))
    with pytest.raises(Refused, match="printed more than 1 MiB"):
        git.run("ls-tree")


def test_a_disk_that_is_full_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "TemporaryFile", full)
    with pytest.raises(StoreError, match="no temporary file can be written: No space left on device"):
        Git(ENVIRONMENT, SystemClock()).run("--version")


def test_the_end_of_the_process_ends_git(fake: Fake, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    stopped = Event()
    stopped.set()
    git = Git(ENVIRONMENT, SystemClock(), program=fake(f"exec cat {tmp_path}/pipe"), stopped=stopped)
    with pytest.raises(Stopped):
        git.run("fetch")
