"""A disk that fails beneath SQLite, and one that remembers what was written and what was synced.

The calls that SQLite makes of its system (`sqlite3_vfs` and `sqlite3_io_methods` in sqlite3.h) are wrapped in this process,
as SQLite's own tests of I/O errors do it. All above them is real: Python's sqlite3, SQLAlchemy, the commands.

    with wrapped_disk().failing(Failure(at=3, space=True)): ...   # the third call that needs room finds none
    with wrapped_disk().recorded() as log: ...                    # what a power cut may leave: `fakes.power`
"""

import _sqlite3
import ctypes
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fakes.power import Log, Step, Write

_INT, _WIDE, _AT = ctypes.c_int, ctypes.c_int64, ctypes.c_void_p
_OK = 0
_CREATE = 4  # SQLITE_OPEN_CREATE
_OF_SYSTEM = ("xOpen", "xDelete", "xAccess")
_OF_FILE = (
    *(
        "xClose",
        "xRead",
        "xWrite",
        "xTruncate",
        "xSync",
        "xFileSize",
        "xLock",
        "xUnlock",
        "xCheckReservedLock",
    ),
    *(
        "xFileControl",
        "xSectorSize",
        "xDeviceCharacteristics",
        "xShmMap",
        "xShmLock",
        "xShmBarrier",
        "xShmUnmap",
    ),
    *("xFetch", "xUnfetch"),
)


class _Methods(ctypes.Structure):
    _fields_ = (("iVersion", _INT), *((name, _AT) for name in _OF_FILE))


class _File(ctypes.Structure):
    _fields_ = (("methods", ctypes.POINTER(_Methods)),)


class _System(ctypes.Structure):
    _fields_ = (
        *((name, _INT) for name in ("iVersion", "szOsFile", "mxPathname")),
        *((name, _AT) for name in ("pNext", "zName", "pAppData", *_OF_SYSTEM)),
    )


_CALLS = {
    "xOpen": (sqlite3.SQLITE_CANTOPEN, (_AT, _AT, ctypes.POINTER(_File), _INT, _AT)),
    "xDelete": (sqlite3.SQLITE_IOERR_DELETE, (_AT, _AT, _INT)),
    "xAccess": (sqlite3.SQLITE_IOERR_ACCESS, (_AT, _AT, _INT, _AT)),
    "xRead": (sqlite3.SQLITE_IOERR_READ, (_AT, _AT, _INT, _WIDE)),
    "xWrite": (sqlite3.SQLITE_IOERR_WRITE, (_AT, _AT, _INT, _WIDE)),
    "xTruncate": (sqlite3.SQLITE_IOERR_TRUNCATE, (_AT, _WIDE)),
    "xSync": (sqlite3.SQLITE_IOERR_FSYNC, (_AT, _INT)),
    "xFileSize": (sqlite3.SQLITE_IOERR_FSTAT, (_AT, ctypes.POINTER(_WIDE))),
    "xShmMap": (sqlite3.SQLITE_IOERR_SHMMAP, (_AT, _INT, _INT, _INT, _AT)),
}
"""What is wrapped: the error that each ends with, and its arguments."""


@dataclass(slots=True)
class Failure:
    """The `at`th call fails; 0: none. `lasting`: so do all after it. `space`: only calls that need more room count."""

    at: int = 0
    lasting: bool = False
    space: bool = False
    calls: int = 0
    growing: int = 0
    struck: str | None = None

    def strikes(self, name: str, *, grows: bool) -> bool:
        self.calls += 1
        self.growing += grows
        number = self.growing if self.space else self.calls
        if self.at == 0 or number < self.at or (number > self.at and not self.lasting):
            return False
        if self.space and not grows:
            return False
        self.struck = self.struck or name
        return True


class WrappedDisk:
    """Files that were opened while it fails or records stay wrapped, so it must outlive them: see `wrapped_disk`."""

    def __init__(self, system: _System) -> None:
        self._system = system
        self._own = {name: getattr(system, name) for name in _OF_SYSTEM}
        self._wrapped = {name: self._wrap(name, at) for name, at in self._own.items()}
        self._tables: dict[int, _Methods] = {}
        self._kept: list[object] = []
        self._paths: dict[int, Path] = {}
        self._failure: Failure | None = None
        self._log: Log | None = None

    @contextmanager
    def failing(self, failure: Failure) -> Iterator[Failure]:
        with self._in_place():
            self._failure = failure
            try:
                yield failure
            finally:
                self._failure = None

    @contextmanager
    def recorded(self) -> Iterator[Log]:
        with self._in_place():
            self._log = Log()
            try:
                yield self._log
            finally:
                self._log = None

    @contextmanager
    def _in_place(self) -> Iterator[None]:
        for name, function in self._wrapped.items():
            setattr(self._system, name, ctypes.cast(function, _AT))
        try:
            yield
        finally:
            for name, at in self._own.items():
                setattr(self._system, name, at)

    def _wrap(self, name: str, at: int) -> Any:  # a function of C, whose type only ctypes knows
        error, arguments = _CALLS[name]
        signature = ctypes.CFUNCTYPE(_INT, *arguments)
        own = signature(at)

        def call(*given: Any) -> int:
            failure = self._failure
            if failure and failure.strikes(name, grows=self._grows(name, given)):
                if name == "xOpen":
                    given[2].contents.methods = ctypes.POINTER(_Methods)()
                if failure.space and name == "xWrite":
                    own(given[0], given[1], given[2] // 2, given[3])
                    return sqlite3.SQLITE_FULL
                return error
            if self._log is not None:
                self._note(self._log, name, given)
            done: int = own(*given)
            if name == "xOpen" and done == _OK:
                self._opened(given)
            return done

        return signature(call)

    def _opened(self, given: Any) -> None:
        file = given[2]
        at = ctypes.addressof(file.contents)
        path = ctypes.string_at(given[1]).decode() if given[1] else ""
        self._paths[at] = Path(path)
        own = ctypes.addressof(file.contents.methods.contents)
        if own not in self._tables:
            table = _Methods.from_buffer_copy(file.contents.methods.contents)
            for name in _CALLS:
                if name in _OF_FILE and getattr(table, name):
                    function = self._wrap(name, getattr(table, name))
                    self._kept.append(function)
                    setattr(table, name, ctypes.cast(function, _AT))
            self._tables[own] = table
        file.contents.methods = ctypes.pointer(self._tables[own])
        if self._log is not None and path and Path(path) not in self._log.first:
            self._log.first[Path(path)] = Path(path).read_bytes()

    def _grows(self, name: str, given: Any) -> bool:
        """Whether a call needs room that the file does not have yet."""
        if name == "xOpen":
            return bool(given[3] & _CREATE) and not (
                given[1] and Path(ctypes.string_at(given[1]).decode()).exists()
            )
        if name == "xShmMap":
            path = self._paths[given[0]]
            shared = path.with_name(f"{path.name}-shm")
            return bool(given[3]) and _size(shared) < (given[1] + 1) * given[2]
        if name == "xWrite":
            return _size(self._paths[given[0]]) < int(given[2] + given[3])
        return False

    def _note(self, log: Log, name: str, given: Any) -> None:
        if name == "xDelete":
            log.steps.append(Step(Path(ctypes.string_at(given[1]).decode()), gone=True))
        elif name == "xWrite":
            write = Write(given[3], ctypes.string_at(given[1], given[2]))
            log.steps.append(Step(self._paths[given[0]], write))
        elif name == "xTruncate":
            log.steps.append(Step(self._paths[given[0]], Write(given[1], None)))
        elif name == "xSync":
            log.steps.append(Step(self._paths[given[0]]))


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@cache
def wrapped_disk() -> WrappedDisk:
    """Skips the test where Python's SQLite does not show its functions, as where it is linked in without names."""
    try:
        find = ctypes.CDLL(_sqlite3.__file__).sqlite3_vfs_find
    except (AttributeError, OSError):
        pytest.skip("the functions of SQLite can't be reached in this build of Python")
    find.restype = ctypes.POINTER(_System)
    return WrappedDisk(find(None).contents)
