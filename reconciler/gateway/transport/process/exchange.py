"""One run of a program: its prompt in, its output out, and how it ended. Callbacks of the loop, no task and no thread."""

import asyncio
import errno
import json
import os
import socket
import struct
from collections.abc import Callable
from contextlib import suppress

from reconciler.errors import InvalidInput, NotTrusted
from reconciler.gateway.transport.base import Failure, Sink
from reconciler.gateway.transport.process.leash import WardenProcess, leash, pipe
from reconciler.protocol.errors import OpenAIError
from reconciler.snapshot.programs import Program, Start

READ = 64 * 1024
TAIL = 2048
"""Bytes kept of what a program says on standard error."""
SHOWN = 500
"""Characters of it that are told."""
_TEXT = (("content-type", "text/plain; charset=utf-8"),)
_JSON = (("content-type", "application/json"),)
_FAILED = 502


class ProcessExchange:
    """Fits transport.base.Exchange. A sink may cancel in any of its methods."""

    def __init__(
        self,
        program: Program,
        sink: Sink,
        warden: WardenProcess,
        ended: "Callable[[ProcessExchange], None]",
    ) -> None:
        self._program = program
        self._sink: Sink | None = sink
        self._warden = warden
        self._ended = ended
        self._loop = asyncio.get_running_loop()
        self._timers: list[asyncio.Handle] = []
        self._starting: asyncio.Handle | None = None
        self._leash: socket.socket | None = None
        self._stdin = self._stdout = self._stderr = -1
        self._writing: dict[int, memoryview] = {}
        self._told = b""
        self._tail = bytearray()
        self._written = 0
        self._begun = False
        self._paused = False
        self._status: str | None = None
        """How the program ended, once it has; "" is well."""

    def start(self, model: str, prompt: bytes, connect: float) -> None:
        """Calls nothing of the sink's."""
        self._timers.append(self._loop.call_soon(self._begin, model, prompt))
        self._starting = self._loop.call_later(connect, self._too_slow_to_start)
        self._timers.append(self._starting)
        self._timers.append(self._loop.call_later(self._program.run_timeout, self._too_long))

    # --- for who asked --------------------------------------------------------------------------------------

    def pause(self) -> None:
        if not self._paused and self._stdout >= 0:
            self._loop.remove_reader(self._stdout)
        self._paused = True

    def resume(self) -> None:
        if self._paused and self._stdout >= 0:
            self._loop.add_reader(self._stdout, self._read)
            if self._status is not None:
                self._timers.append(self._loop.call_soon(self._drain))
        self._paused = False

    def cancel(self) -> None:
        self._sink = None
        self._close()

    def fail(self, failure: Failure, reason: str) -> None:
        sink, self._sink = self._sink, None
        self._close()
        if sink is not None:
            sink.error(failure, reason)

    # --- the start ------------------------------------------------------------------------------------------

    def _begin(self, model: str, prompt: bytes) -> None:
        by_stdin = self._program.by_stdin
        try:
            start = self._program.start(model, "" if by_stdin else prompt.decode())
            self._hand_over(start, prompt if by_stdin else b"")
        except NotTrusted as refused:
            self.fail(Failure.EGRESS, refused.message)
        except InvalidInput as missing:
            self.fail(Failure.CONNECT, missing.message)
        except OSError as error:
            self.fail(Failure.CONNECT, f"the program could not be started: {_words(error.errno)}")

    def _hand_over(self, start: Start, prompt: bytes) -> None:
        theirs: list[int] = []
        far: socket.socket | None = None
        try:
            self._leash, far = leash()
            self._stdin, stdin = pipe(ours_reads=False)
            theirs.append(stdin)
            self._stdout, stdout = pipe(ours_reads=True)
            theirs.append(stdout)
            self._stderr, stderr = pipe(ours_reads=True)
            theirs.append(stderr)
            self._warden.hand_over((far.fileno(), *theirs))
        finally:
            if far is not None:
                far.close()
            for descriptor in theirs:
                os.close(descriptor)
        wanted = json.dumps(
            {
                "path": start.path,
                "argv": start.argv,
                "env": dict(self._program.environment),
                "folder": start.folder,
            }
        ).encode()
        self._loop.add_reader(self._leash.fileno(), self._hear)
        if not self._paused:
            self._loop.add_reader(self._stdout, self._read)
        self._loop.add_reader(self._stderr, self._read_error)
        self._write(self._leash.fileno(), struct.pack("!I", len(wanted)) + wanted)
        if prompt:
            self._write(self._stdin, prompt)
        else:
            self._end_stdin()

    # --- towards the program ----------------------------------------------------------------------------------

    def _write(self, descriptor: int, content: bytes) -> None:
        self._writing[descriptor] = memoryview(content)
        self._loop.add_writer(descriptor, self._write_on, descriptor)

    def _write_on(self, descriptor: int) -> None:
        rest = self._writing[descriptor]
        try:
            rest = rest[os.write(descriptor, rest[:READ]) :]
        except BlockingIOError:
            return
        except OSError:  # a program need not read all of its input; of the leash's end it is heard elsewhere
            rest = rest[:0]
        self._writing[descriptor] = rest
        if not rest:
            self._loop.remove_writer(descriptor)
            del self._writing[descriptor]
            if descriptor == self._stdin:
                self._end_stdin()

    def _end_stdin(self) -> None:
        os.close(self._stdin)
        self._stdin = -1

    # --- from it --------------------------------------------------------------------------------------------

    def _read(self) -> None:
        """One piece."""
        try:
            chunk = os.read(self._stdout, READ)
        except BlockingIOError:
            self._finish_if_ended()
            return
        except OSError:
            chunk = b""
        if not chunk:
            self._loop.remove_reader(self._stdout)
            os.close(self._stdout)
            self._stdout = -1
            self._finish_if_ended()
            return
        self._written += len(chunk)
        if self._written > self._program.max_output:
            self.fail(
                Failure.BROKEN, f"the program wrote more than maxOutputBytes ({self._program.max_output})"
            )
            return
        self._head()
        if self._sink is not None:
            self._sink.data(chunk)

    def _drain(self) -> None:
        """The program has ended: what it wrote is all there, though another may still hold its output open."""
        while self._sink is not None and self._status is not None and not self._paused:
            if self._stdout < 0:
                self._finish_if_ended()
            else:
                self._read()

    def _read_error(self) -> None:
        try:
            said = os.read(self._stderr, READ)
        except BlockingIOError:
            return
        except OSError:
            said = b""
        if not said:
            self._loop.remove_reader(self._stderr)
            os.close(self._stderr)
            self._stderr = -1
        self._tail += said
        del self._tail[:-TAIL]

    def _hear(self) -> None:
        """What the warden tells."""
        assert self._leash is not None
        try:
            told = self._leash.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            told = b""
        if not told and self._status is None:
            self.fail(Failure.BROKEN, "who watches over the program is gone, and the program with it")
            return
        *lines, self._told = (self._told + told).split(b"\n")
        for line in lines:
            self._note(json.loads(line))
        if not told and self._leash is not None:
            self._loop.remove_reader(self._leash.fileno())

    def _note(self, told: dict[str, int]) -> None:
        if "failed" in told:
            self.fail(Failure.CONNECT, f"the program could not be started: {_words(told['failed'])}")
        elif "pid" in told:
            if self._starting is not None:
                self._starting.cancel()
        else:
            signalled = told.get("signal")
            code = told.get("exit", 0)
            self._status = f"was killed by signal {signalled}" if signalled else ""
            if code:
                self._status = f"ended with exit code {code}"
            self._drain()

    # --- what becomes of it -----------------------------------------------------------------------------------

    def _head(self) -> None:
        if not self._begun and self._sink is not None:
            self._begun = True
            self._sink.head(200, _TEXT)

    def _finish_if_ended(self) -> None:
        if self._status is None or self._sink is None:
            return
        if self._status:
            self._failed(f"the program {self._status}{self._said()}")
            return
        self._head()
        sink = self._sink
        self.cancel()
        if sink is not None:
            sink.end()

    def _failed(self, reason: str) -> None:
        sink = self._sink
        if self._begun or sink is None:
            self.fail(Failure.BROKEN, reason)
            return
        error = OpenAIError(_FAILED, f"{reason[:1].upper()}{reason[1:]}.", "server_error", "upstream_error")
        self.cancel()
        sink.whole(_FAILED, _JSON, error.body())

    def _said(self) -> str:
        """The end of what it said on standard error, without what is secret."""
        while self._stderr >= 0 and self._more_said():
            pass
        text = self._tail.decode(errors="replace")
        for value in self._program.masked:
            if value:
                text = text.replace(value, "***")
        words = " ".join("".join(each if each.isprintable() else " " for each in text).split())
        return f": {words[-SHOWN:]}" if words else ""

    def _more_said(self) -> bool:
        before = bytes(self._tail)
        self._read_error()
        return self._stderr >= 0 and bytes(self._tail) != before

    def _too_slow_to_start(self) -> None:
        self.fail(Failure.CONNECT, "the program was not started in time")

    def _too_long(self) -> None:
        seconds = self._program.run_timeout
        self.fail(Failure.TIMEOUT, f"the program ran longer than runTimeout ({seconds:g} s)")

    def _close(self) -> None:
        for timer in self._timers:
            timer.cancel()
        for descriptor in (self._stdin, self._stdout, self._stderr):
            if descriptor >= 0:
                self._forget(descriptor)
                os.close(descriptor)
        self._stdin = self._stdout = self._stderr = -1
        if self._leash is not None:
            self._forget(self._leash.fileno())
            self._leash.close()  # the run ends with it
            self._leash = None
        self._ended(self)

    def _forget(self, descriptor: int) -> None:
        self._loop.remove_reader(descriptor)
        if self._writing.pop(descriptor, None) is not None:
            self._loop.remove_writer(descriptor)


def _words(number: int | None) -> str:
    if number == errno.E2BIG:
        return "its arguments are too long"
    with suppress(ValueError, OverflowError):
        return os.strerror(number or errno.EIO).lower()
    return "no reason was given"
