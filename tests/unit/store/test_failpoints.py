import os
import signal
import subprocess
import sys

import pytest

from reconciler.store.failpoints import NAMES, Failpoints


def test_unarmed_nothing_happens() -> None:
    for name in NAMES:
        Failpoints().reach(name)
        Failpoints("elsewhere").reach(name)


def test_it_dies_by_a_signal_that_nothing_can_catch(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr("os.kill", lambda pid, number: sent.append((pid, number)))
    Failpoints("after-begin").reach("after-begin")
    armed = Failpoints()
    armed.arm("before-commit")
    armed.reach("before-commit")
    assert sent == [(os.getpid(), signal.SIGKILL)] * 2


def test_the_environment_arms_one_place() -> None:
    code = (
        "from reconciler.store.failpoints import FROM_ENVIRONMENT as f; f.reach('before-begin');"
        "print('between', flush=True); f.reach('after-begin'); print('beyond')"
    )
    environment = {**os.environ, "ROUTERCTL_FAILPOINT": "after-begin"}
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (ended.returncode, ended.stdout) == (-signal.SIGKILL, "between\n")
