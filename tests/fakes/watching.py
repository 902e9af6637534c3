"""A watch or wait that goes on as a test says, and then ends as if somebody had stopped it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fakes.store import META, open_writer

from reconciler.store.reader import Reader
from reconciler.store.records import Edit


def script(monkeypatch: pytest.MonkeyPatch, verb: str, *steps: Callable[[], object]) -> None:
    """The verb looks once, and once more after each step."""

    def moments(*_: object, **__: object) -> Iterator[None]:
        yield
        for step in steps:
            step()
            yield

    monkeypatch.setattr(f"reconciler.cli.commands.{verb}.moments", moments)


def commit(db: Path, *edits: Edit) -> Callable[[], object]:
    """One revision more, for a step."""

    def step() -> None:
        with Reader(db) as reader:
            base = reader.head()
        with open_writer(db) as writer:
            writer.commit(edits, base=base, meta=META)

    return step
