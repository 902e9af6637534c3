"""Every error that routerctl raises on purpose, and the exit code each one ends a command with.

    RouterctlError
    ├── InvalidInput     3   what was given can't be used: a manifest, a field, a reference
    ├── NotFound         3   the named thing is not in the store
    ├── Conflict         4   somebody else holds the field, or the state moved
    │   └── Stale            what a change was made from is no longer what is stored: make it anew
    ├── Refused          4   a guard said no
    ├── StoreError       5   the store can't be opened, read or written
    ├── SecretError      5   key or secret material is missing, wrong or out of reach
    │   ├── KeyNeeded        there is no key to seal with
    │   ├── NotTrusted       the material may not be read, or not go where it would go
    │   └── Expired          what it lets in has ended by its own word
    ├── Unreachable      6   nothing answers, or nothing serves
    ├── Forbidden        6   who asks may not do that
    ├── TimedOut         7   the wait ended before the condition held
    ├── WorkerRefused    8   applied, but a live worker refused a part of it
    └── OutputFailed    74   what was done can't be told: stdout or stderr took no more (sysexits' EX_IOERR)

Exit codes: 0 is done or same, 1 differences (`diff`, `import --verify`, `migrate`) or a secret found (`secret audit`), 2 wrong
usage (click's own), 70 a bug. 74 is a code of its own because the others say how the work went: with it, it may be done. A pipe that nobody
reads ends with 141, as a shell has it.
Foreign exceptions are translated where their library lives. No message holds a secret.
"""

from typing import ClassVar


class RouterctlError(Exception):
    """`message` says what is wrong; `hint`, where there is one, what to do, and `command` with which command.

    A command is written without the program and the options that say which store is meant: who shows the error knows
    them (`told`).
    """

    exit_code: ClassVar[int] = 70
    reason: ClassVar[str] = "Internal"
    stands_alone: ClassVar[bool] = False
    """Whether the message already says of each line that it is an error."""

    def __init__(self, message: str, *, hint: str | None = None, command: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.command = command

    def __str__(self) -> str:
        return self.told("routerctl")

    def told(self, program: str) -> str:
        """The message, and below it what to do; a command begins with `program`."""
        run = f"{program} {self.command}" if self.command else None
        advice = ": ".join(text for text in (self.hint, run) if text)
        return f"{self.message}\n  {advice}" if advice else self.message


class InvalidInput(RouterctlError):
    exit_code = 3
    reason = "Invalid"


class NotFound(RouterctlError):
    exit_code = 3
    reason = "NotFound"


class Conflict(RouterctlError):
    exit_code = 4
    reason = "Conflict"


class Stale(Conflict):
    reason = "Stale"


class Refused(RouterctlError):
    exit_code = 4
    reason = "Refused"


class StoreError(RouterctlError):
    exit_code = 5
    reason = "StoreError"


class SecretError(RouterctlError):
    exit_code = 5
    reason = "SecretError"


class KeyNeeded(SecretError):
    """There is no key for what is to be sealed."""


class NotTrusted(SecretError):
    """A guard's no: unlike what is only missing, it ends what was built before."""

    reason = "NotTrusted"


class Expired(SecretError):
    """What it is let in by has ended: as a guard's no, it ends what was built before."""

    reason = "Expired"


class Unreachable(RouterctlError):
    exit_code = 6
    reason = "Unreachable"


class Forbidden(RouterctlError):
    exit_code = 6
    reason = "Forbidden"


class TimedOut(RouterctlError):
    exit_code = 7
    reason = "TimedOut"


class WorkerRefused(RouterctlError):
    exit_code = 8
    reason = "WorkerRefused"


class OutputFailed(RouterctlError):
    exit_code = 74
    reason = "OutputFailed"


def one_line(text: str) -> str:
    """A message and its hint, where the layout has one line for them."""
    return "; ".join(line.strip() for line in text.splitlines() if line.strip()).replace(":; ", ": ")
