"""What a power cut may leave of files: all that was synced, and of the rest any part, in any order, cut at any sector."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_SECTOR = 512


@dataclass(frozen=True, slots=True)
class Write:
    """`data` None: the file is cut, or grows, to `offset`."""

    offset: int
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Step:
    """What was asked of a file. `write` None: a sync; `gone`: it was deleted."""

    path: Path
    write: Write | None = None
    gone: bool = False


@dataclass(slots=True)
class Log:
    """`first` is what each file held when it was first opened."""

    first: dict[Path, bytes] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    def left_by_cuts(
        self, positions: list[int], chance: random.Random
    ) -> Iterator[tuple[int, dict[Path, bytes]]]:
        """What may be left of each file where the power went after so many steps; `positions` ascend."""
        synced = {path: bytearray(content) for path, content in self.first.items()}
        pending: dict[Path, list[Write]] = {path: [] for path in synced}
        done = 0
        for position in positions:
            for step in self.steps[done:position]:
                _take(step, synced, pending)
            done = position
            yield position, {path: _some(synced[path], pending[path], chance) for path in synced}


def _take(step: Step, synced: dict[Path, bytearray], pending: dict[Path, list[Write]]) -> None:
    if step.gone:
        synced.pop(step.path, None)
        pending.pop(step.path, None)
        return
    content = synced.setdefault(step.path, bytearray())
    waiting = pending.setdefault(step.path, [])
    if step.write is not None:
        waiting.append(step.write)
        return
    for write in waiting:
        _apply(content, write)
    waiting.clear()


def _some(synced: bytearray, pending: list[Write], chance: random.Random) -> bytes:
    """None of what was not synced, all of it, or any of it: the disk orders as it likes."""
    content = bytearray(synced)
    how = chance.choice(["none", "all", "some", "some"])
    kept = [write for write in pending if how == "all" or (how == "some" and chance.random() < 0.5)]
    if how == "some":
        chance.shuffle(kept)
        kept = [_torn(write, chance) for write in kept]
    for write in kept:
        _apply(content, write)
    return bytes(content)


def _torn(write: Write, chance: random.Random) -> Write:
    if write.data is None or len(write.data) <= _SECTOR or chance.random() < 0.5:
        return write
    return Write(write.offset, write.data[: chance.randrange(0, len(write.data), _SECTOR)])


def _apply(content: bytearray, write: Write) -> None:
    end = write.offset + len(write.data or b"")
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    if write.data is None:
        del content[write.offset :]
    else:
        content[write.offset : end] = write.data
