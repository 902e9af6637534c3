"""A text in somebody's editor."""

import os
import shlex
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp
from types import FrameType

from reconciler.cli.intaking import note
from reconciler.errors import InvalidInput

_DEFAULT = "vi"
_ONLY_MINE = 0o600


class Draft:
    """A file that nobody else can read. It is removed in the end, unless somebody's work would be lost with it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._command = shlex.split(environ.get("VISUAL") or environ.get("EDITOR") or _DEFAULT)
        handle, name = mkstemp(prefix="routerctl-edit-", suffix=".yaml")
        os.close(handle)
        self.path = Path(name)
        self._edited = False

    def edit(self, text: str) -> str:
        """What the editor made of `text`. Raises InvalidInput where it can't be started or fails."""
        self.path.write_text(text, encoding="utf-8")
        with _editor_is_interrupted():
            try:
                done = subprocess.run([*self._command, str(self.path)], check=False)
            except OSError as error:
                raise InvalidInput(
                    f"the editor {self._command[0]} can't be started: {error.strerror}",
                    hint="name one in VISUAL or EDITOR",
                ) from None
        made = self.path.read_bytes().decode("utf-8", "surrogateescape")
        self._edited = self._edited or made != text
        if done.returncode:
            raise InvalidInput(f"the editor {self._command[0]} failed with code {done.returncode}")
        return made

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)

    def keep(self) -> None:
        """For who wrote it, and says where; without an edit there is nothing to keep."""
        if not self._edited:
            self.discard()
            return
        self.path.chmod(_ONLY_MINE)
        note(f"What you wrote is kept in {self.path}")


@contextmanager
def draft(environ: Mapping[str, str]) -> Iterator[Draft]:
    """Kept where what happens inside fails, else removed."""
    made = Draft(environ)
    try:
        yield made
    except BaseException:
        made.keep()
        raise
    made.discard()


@contextmanager
def _editor_is_interrupted() -> Iterator[None]:
    """The interrupt key is the editor's while it runs. A handler, not SIG_IGN: a child would inherit that."""
    before = signal.signal(signal.SIGINT, _leave_alone)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _leave_alone(_number: int, _frame: FrameType | None) -> None:
    pass
