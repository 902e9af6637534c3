import sys
from pathlib import Path

import pytest
from fakes.running import gone, wait

from reconciler.errors import SecretError
from reconciler.secrets.key_command import key_text

KEY = "sk-canary-of-the-command"


def program(folder: Path, body: str) -> str:
    file = folder / "give.py"
    file.write_text(body)
    return f"{sys.executable} -S -E '{file}'"


def test_what_it_prints(tmp_path: Path) -> None:
    command = program(tmp_path, "import os, sys; print(os.environ['OF'], sys.argv[1:], sys.stdin.read())")
    assert key_text(f"{command} 'a b' $HOME ; x", {"OF": "us"}) == "us ['a b', '$HOME', ';', 'x'] \n"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (f"import sys; print('{KEY}'); sys.stderr.write('{KEY}'); sys.exit(3)", "ended with code 3"),
        ("import os; os.kill(os.getpid(), 9)", "was ended by signal 9"),
        ("print('x' * 100_000)", "wrote too much"),
        (f"import time; print('{KEY}', flush=True); time.sleep(60)", "did not end within 0.3 s"),
        ("import os, time; os.close(1); time.sleep(60)", "did not end within 0.3 s"),
    ],
)
def test_one_that_fails_is_told_without_what_it_said(tmp_path: Path, body: str, words: str) -> None:
    patience = 0.3 if "sleep" in body else 15
    with pytest.raises(SecretError) as failed:
        key_text(program(tmp_path, body) + f" {KEY}", {}, seconds=patience)
    assert f"ROUTERCTL_ENCRYPTION_KEY_COMMAND: {sys.executable} {words}" in str(failed.value)
    assert KEY not in str(failed.value)


def test_nothing_of_it_stays_behind(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    body = (
        "import subprocess, sys\n"
        "sleeping = [sys.executable, '-c', 'import time; time.sleep(600)']\n"
        "child = subprocess.Popen(sleeping, stdout=subprocess.DEVNULL)\n"
        f"open({str(told)!r}, 'w').write(str(child.pid))\n"
        "print('key')\n"
    )
    assert key_text(program(tmp_path, body), {}) == "key\n"
    wait(lambda: gone(int(told.read_text())), "the end of what the command started")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ("'open", "is no command line"),
        ("/nowhere/at-all x", "can't be run: no such file or directory"),
        ("a\0b", "can't be run: not a usable command"),
    ],
)
def test_what_is_no_command(command: str, words: str) -> None:
    with pytest.raises(SecretError, match=words):
        key_text(command, {})
