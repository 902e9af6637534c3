"""A worker's counters in a file that it has mapped into its memory, so that they outlive it however it dies.

Adding is a write to memory; what a process wrote there is the kernel's when it is killed. The file lies beside the
records' file, one a worker, locked by the worker as long as it lives: a file that nobody locks is of a dead one. Once
its counters are in the records, it is removed. Only a power cut loses it, as it may lose the last second of records.

    8 bytes  magic            records: 8 bytes length of the name, 8 bytes value, the name (JSON list of labels)
    8 bytes  used bytes       filled up to a multiple of 8; all numbers are of this machine's byte order
"""

import fcntl
import json
import mmap
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from struct import Struct
from typing import TypeAlias

from reconciler.store.files import create_private

Labels: TypeAlias = tuple[str, ...]

_MAGIC = b"rcttlly1"
_HEAD = 16
_STEP = 256 * 1024
"""The file grows by so much: some thousand counters."""
_PAIR = Struct("=qq")
_SUFFIX = ".tally"


def tally_path(records: Path, instance: str) -> Path:
    return records.with_name(f"{records.name}-{instance}{_SUFFIX}")


class Tally:
    """Adds for one thread. Where the disk is full, what is new is counted in memory alone."""

    def __init__(self, path: Path) -> None:
        """Makes the file, which bears its name only once it is locked. Raises OSError."""
        unfinished = path.with_suffix(".new")
        create_private(unfinished)
        self._path = path
        self._file = os.open(unfinished, os.O_RDWR)
        self._unkept: dict[Labels, int] = {}
        self._places: dict[Labels, int] = {}
        self._size = 0
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._map = self._longer()
            self._cells = memoryview(self._map).cast("q")
            self._map[:8] = _MAGIC
            self._cells[1] = _HEAD
            unfinished.rename(path)
        except BaseException:
            os.close(self._file)
            unfinished.unlink(missing_ok=True)
            raise

    def add(self, labels: Labels, number: int) -> None:
        place = self._places.get(labels)
        if place is None:
            place = self._place(labels)
        if place is None:
            self._unkept[labels] = self._unkept.get(labels, 0) + number
        else:
            self._cells[place] += number

    def counts(self) -> Mapping[Labels, int]:
        """Also while another thread adds."""
        cells = self._cells
        return {**{labels: cells[place] for labels, place in tuple(self._places.items())}, **self._unkept}

    def close(self, *, remove: bool) -> None:
        """`remove` where what it holds is in the records by now."""
        self._cells.release()
        self._map.close()
        if remove:
            self._path.unlink(missing_ok=True)
        os.close(self._file)

    def _place(self, labels: Labels) -> int | None:
        """Where a new counter stands, in cells; None where there is no room."""
        if labels in self._unkept:
            return None
        name = json.dumps(labels).encode()
        used = self._cells[1]
        end = used + _PAIR.size + -(-len(name) // 8) * 8
        if end > self._size and not self._grow():
            return None
        _PAIR.pack_into(self._map, used, len(name), 0)
        self._map[used + _PAIR.size : used + _PAIR.size + len(name)] = name
        self._cells[1] = end  # last: a reader sees whole counters
        self._places[labels] = place = used // 8 + 1
        return place

    def _grow(self) -> bool:
        try:
            mapped = self._longer()
        except OSError:
            return False
        self._cells.release()
        self._map.close()
        self._map, self._cells = mapped, memoryview(mapped).cast("q")
        return True

    def _longer(self) -> mmap.mmap:
        """Written, not only made longer: a mapped page that finds no room on the disk would kill the process."""
        wanted = memoryview(bytes(_STEP))
        while wanted:
            wanted = wanted[os.pwrite(self._file, wanted, self._size + _STEP - len(wanted)) :]
        self._size += _STEP
        return mmap.mmap(self._file, self._size)


def read_tally(path: Path) -> Mapping[Labels, int]:
    """What a worker counted, dead or alive; nothing where there is no such file, or where it is none of ours."""
    try:
        data = path.read_bytes()
    except OSError:
        return {}
    found: dict[Labels, int] = {}
    with suppress(ValueError, TypeError, IndexError):
        used = _PAIR.unpack_from(data.ljust(_HEAD, b"\0"))[1] if data.startswith(_MAGIC) else 0
        at = _HEAD
        while at + _PAIR.size <= min(used, len(data)):
            length, value = _PAIR.unpack_from(data, at)
            at += _PAIR.size
            if not 0 < length <= len(data) - at:
                break
            found[tuple(json.loads(data[at : at + length]))] = value
            at += -(-length // 8) * 8
    return found


def abandoned(records: Path) -> Mapping[str, Path]:
    """Instance and file of each worker that is dead and whose file is still there."""
    start = f"{records.name}-"
    files = {
        path.name.removeprefix(start).removesuffix(_SUFFIX): path
        for path in records.parent.glob(f"*{_SUFFIX}")
        if path.name.startswith(start)
    }
    return {instance: path for instance, path in sorted(files.items()) if not _is_locked(path)}


def _is_locked(path: Path) -> bool:
    try:
        file = os.open(path, os.O_RDWR)
    except OSError:
        return True  # gone, or not ours to judge
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(file)
    return False
