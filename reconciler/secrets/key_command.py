"""Asks a program for the key: that of a key service, or of a password store.

No shell reads the command. What the program writes is the key or nothing: none of it is repeated anywhere, and neither
are its arguments.
"""

import os
import selectors
import shlex
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress

from reconciler.errors import SecretError
from reconciler.settings import KEY_COMMAND

SECONDS = 15.0
"""How long a key may take: a key service abroad, asked by a program that starts slowly."""
_LARGEST = 64 * 1024
_CHUNK = 4096


def key_text(command: str, environ: Mapping[str, str], *, seconds: float = SECONDS) -> str:
    """What the program prints. Raises SecretError, which repeats nothing of what it said."""
    words = _words(command)
    program = words[0] if words[0].isprintable() else ascii(words[0])
    return _run(words, program, environ, seconds).decode("ascii", "replace")


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError:
        raise SecretError(f"{KEY_COMMAND} is no command line", hint="a quote in it is not closed") from None
    if not words:
        raise SecretError(f"{KEY_COMMAND} is empty", hint="unset it, or let it name a program")
    return words


def _run(words: list[str], program: str, environ: Mapping[str, str], seconds: float) -> bytes:
    try:
        process = subprocess.Popen(  # who starts routerctl says which program; no shell reads it
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            start_new_session=True,
        )
    except (OSError, ValueError) as exc:
        reason = exc.strerror.lower() if isinstance(exc, OSError) and exc.strerror else "not a usable command"
        raise SecretError(
            f"{KEY_COMMAND}: {program} can't be run: {reason}", hint="name a program by its path"
        ) from None
    deadline = time.monotonic() + seconds
    try:
        output = _output(process, deadline)
        if output is not None and len(output) <= _LARGEST:
            code = process.wait(max(0.0, deadline - time.monotonic()))
            if code == 0:
                return output
            ended = f"ended with code {code}" if code > 0 else f"was ended by signal {-code}"
        else:
            ended = "wrote too much" if output else f"did not end within {seconds:g} s"
    except subprocess.TimeoutExpired:
        ended = f"did not end within {seconds:g} s"
    finally:
        _end(process)
    raise SecretError(
        f"{KEY_COMMAND}: {program} {ended}", hint="run it by hand: it has to print the key, and nothing else"
    )


def _output(process: "subprocess.Popen[bytes]", deadline: float) -> bytes | None:
    """At most a little over the limit; None where it did not end in time."""
    output = b""
    with selectors.DefaultSelector() as selector:
        if process.stdout is None:
            return output
        selector.register(process.stdout, selectors.EVENT_READ)
        while len(output) <= _LARGEST:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                return None
            chunk = os.read(process.stdout.fileno(), _CHUNK)
            if not chunk:
                break
            output += chunk
    return output


def _end(process: "subprocess.Popen[bytes]") -> None:
    """With all that it started: nothing of a key command stays behind."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.stdout is not None:
        process.stdout.close()
    process.wait()
