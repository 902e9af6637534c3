"""A worker's counters in a file that it has mapped into its memory, so that they outlive it however it dies.

Adding is a write to memory; what a process wrote there is the kernel's when it is killed. The file lies beside the
records' file, one a worker, locked by the worker as long as it lives: a file that nobody locks is of a dead one. Once
its counters are in the records, it is removed. Only a power cut loses it, as it may lose the last second of records.

    8 bytes  magic            blocks: 8 bytes length of the name, 8 bytes count of cells, the cells of 8 bytes each,
    8 bytes  used bytes       the name (JSON list of labels), filled up to a multiple of 8

All numbers are of this machine's byte order. The file is mapped once, as long as it may ever get, so that whoever was
given cells can keep them; what was not used yet is a hole, and takes no room on the disk.
"""

import fcntl
import json
import mmap
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from struct import Struct
from typing import TypeAlias

from reconciler.store.files import create_private

Labels: TypeAlias = tuple[str, ...]

_MAGIC = b"rcttlly2"
_HEAD = 16
_STEP = 256 * 1024
"""So much is made sure of at a time: some hundred blocks."""
_LONGEST = 32 * _STEP
_PAIR = Struct("=qq")
_CELL = 8
_SUFFIX = ".tally"


def tally_path(records: Path, instance: str) -> Path:
    return records.with_name(f"{records.name}-{instance}{_SUFFIX}")


class Tally:
    """Gives cells to one thread. Where the disk is full, what is new is counted in memory alone."""

    def __init__(self, path: Path) -> None:
        """Makes the file, which bears its name only once it is locked. Raises OSError."""
        unfinished = path.with_suffix(".new")
        create_private(unfinished)
        self._path = path
        self._file = os.open(unfinished, os.O_RDWR)
        self._blocks: dict[Labels, memoryview | list[int]] = {}
        self._size = 0
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._grow()
            os.ftruncate(self._file, _LONGEST)
            self._map = mmap.mmap(self._file, _LONGEST)
            self._all = memoryview(self._map).cast("q")
            self._map[:8] = _MAGIC
            self._all[1] = _HEAD
            unfinished.rename(path)
        except BaseException:
            os.close(self._file)
            unfinished.unlink(missing_ok=True)
            raise

    def cells(self, labels: Labels, size: int) -> memoryview | list[int]:
        """The same ones for the same labels. They begin at zero."""
        block = self._blocks.get(labels)
        if block is None:
            block = self._blocks[labels] = self._block(labels, size)
        return block

    def counts(self) -> Mapping[Labels, Sequence[int]]:
        """Also while another thread adds."""
        return {labels: list(block) for labels, block in tuple(self._blocks.items())}

    def close(self, *, remove: bool) -> None:
        """`remove` where what it holds is in the records by now. Nothing is counted after it."""
        for block in self._blocks.values():
            if isinstance(block, memoryview):
                block.release()
        self._all.release()
        self._map.close()
        if remove:
            self._path.unlink(missing_ok=True)
        os.close(self._file)

    def _block(self, labels: Labels, size: int) -> memoryview | list[int]:
        name = json.dumps(labels).encode()
        used = self._all[1]
        cells = used + _PAIR.size
        names = cells + size * _CELL
        end = names + -(-len(name) // _CELL) * _CELL
        while end > self._size:
            try:
                self._grow()
            except OSError:
                return [0] * size
        _PAIR.pack_into(self._map, used, len(name), size)
        self._map[names : names + len(name)] = name
        self._all[1] = end  # last: a reader sees whole blocks
        return self._all[cells // _CELL : names // _CELL]

    def _grow(self) -> None:
        """Written, not only made longer: a mapped page that finds no room on the disk would kill the process."""
        if self._size >= _LONGEST:
            raise OSError("as long as it may get")
        wanted = memoryview(bytes(_STEP))
        while wanted:
            wanted = wanted[os.pwrite(self._file, wanted, self._size + _STEP - len(wanted)) :]
        self._size += _STEP


def read_tally(path: Path) -> Mapping[Labels, Sequence[int]]:
    """What a worker counted, dead or alive; nothing where there is no such file, or where it is none of ours."""
    try:
        data = _used(path)
    except OSError:
        return {}
    found: dict[Labels, Sequence[int]] = {}
    with suppress(ValueError, TypeError):
        at = _HEAD
        while at + _PAIR.size <= len(data):
            length, size = _PAIR.unpack_from(data, at)
            cells = at + _PAIR.size
            if length <= 0 or size < 0 or length + size * _CELL > len(data) - cells:
                break
            names = cells + size * _CELL
            labels = json.loads(data[names : names + length])
            found[tuple(labels)] = list(memoryview(data[cells:names]).cast("q"))
            at = names + -(-length // _CELL) * _CELL
    return found


def _used(path: Path) -> bytes:
    """The part of the file that holds anything. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if len(head) < _HEAD or not head.startswith(_MAGIC):
            return b""
        used = _PAIR.unpack(head)[1]
        return head + file.read(max(0, min(used, _LONGEST) - _HEAD))


def tallies(records: Path) -> Mapping[str, Path]:
    """Instance and file of each worker, dead or alive, whose file is there."""
    start = f"{records.name}-"
    files = {
        path.name.removeprefix(start).removesuffix(_SUFFIX): path
        for path in records.parent.glob(f"*{_SUFFIX}")
        if path.name.startswith(start)
    }
    return dict(sorted(files.items()))


def abandoned(records: Path) -> Mapping[str, Path]:
    """Those of the dead."""
    return {instance: path for instance, path in tallies(records).items() if not _is_locked(path)}


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
