import os
import subprocess
import sys
from pathlib import Path

import pytest

LEAVES = """\
import atexit, threading
from reconciler.cli.leaving import leave

class Held:
    def __del__(self):
        print("taken apart")

held = Held()
atexit.register(print, "done at the end")
print("said before", end="; ")
"""


def ended(program: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120
    )
    return done.returncode, done.stdout, done.stderr


def test_what_is_held_is_not_taken_apart_and_all_else_is_done() -> None:
    assert ended(f"{LEAVES}leave(3)") == (3, "said before; done at the end\n", "")


def test_another_thread_is_waited_for() -> None:
    program = f"{LEAVES}threading.Timer(0.05, print, ['worked']).start()\nleave(3)"
    assert ended(program) == (3, "said before; worked\ndone at the end\ntaken apart\n", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
def test_an_output_that_takes_no_more_ends_it_as_python_would() -> None:
    program = "import sys; from reconciler.cli.leaving import leave; print('a'); leave(3)"
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", program],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, "PYTHONUNBUFFERED": ""},  # the output fails at the end, not before,
            timeout=120,
        )
    assert done.returncode == 120
    assert "No space left" in done.stderr
