"""Where secrets stand that they should not: in files, as they are or encoded, also inside what is compressed."""

import gzip
import os
import stat
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple

from reconciler.errors import InvalidInput, StoreError, one_line
from reconciler.secrets.search import PIECE, Hit, Search
from reconciler.secrets.value import SecretValue
from reconciler.store.packed import MAGIC, packed_texts

_GZIP = b"\x1f\x8b"
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


class Find(NamedTuple):
    """`at` is the first of so many `places`: bytes from the beginning, of the unpacked text where `packed`."""

    file: Path
    secret: str
    form: str
    at: int
    places: int
    packed: bool


@dataclass(slots=True)
class Looked:
    """`unread` are files, with the reason; `too_short` names secrets that can't be told from words."""

    found: list[Find] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    too_short: list[str] = field(default_factory=list)


def look(known: Mapping[str, SecretValue], files: Iterable[Path]) -> Looked:
    """Through all of the files, for all that is known, by name."""
    search = Search(known)
    looked = Looked(too_short=search.too_short)
    for file in files:
        try:
            looked.found += finds(search, file)
        except FileNotFoundError:  # SQLite's own come and go
            continue
        except OSError as error:
            looked.unread.append(f"{file}: {(error.strerror or 'not readable').lower()}")
        except StoreError as error:
            looked.unread.append(f"{file}: {one_line(error.message)}")
    return looked


def files_below(paths: Iterable[Path], spared: Iterable[Path]) -> Iterator[Path]:
    """Regular files, each once; a link that is named is followed, one that is found is not. Raises InvalidInput."""
    left_out = {Path(os.path.realpath(path)) for path in spared}
    for path in paths:
        if not path.exists():
            raise InvalidInput(f"there is no {path}", hint="name a file or a folder")
        found = sorted(_walked(path)) if path.is_dir() else [path]
        for file in found:
            real = Path(os.path.realpath(file))
            if real not in left_out:
                left_out.add(real)
                yield file


def _walked(folder: Path) -> Iterator[Path]:
    for top, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(top, name) for name in names if not Path(top, name).is_symlink())


def finds(search: Search, file: Path) -> Iterator[Find]:
    """One for each secret and each way in which it is spelled. Raises OSError, and StoreError for a damaged database.

    Compressed files (gzip) and compressed values of databases are looked into. Devices, pipes and sockets are passed by.
    """
    descriptor = os.open(file, _FLAGS)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return
        begins = stream.read(len(MAGIC))
        stream.seek(0)
        yield from _gathered(file, search.hits(_pieces(stream)), packed=False)
        if begins.startswith(_GZIP):
            stream.seek(0)
            with gzip.open(stream) as unpacked:
                yield from _gathered(file, search.hits(_unpacked(unpacked)), packed=True)
    if begins == MAGIC:
        for text in packed_texts(file):
            yield from _gathered(file, search.hits([text]), packed=True)


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(PIECE):
        yield piece


def _unpacked(stream: gzip.GzipFile) -> Iterator[bytes]:
    """As far as it is whole."""
    try:
        while piece := stream.read(PIECE):
            yield piece
    except (EOFError, OSError, zlib.error):
        return


def _gathered(file: Path, hits: Iterable[Hit], *, packed: bool) -> Iterator[Find]:
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for hit in hits:
        at, count = found.get((hit.secret, hit.form), (hit.at, 0))
        found[hit.secret, hit.form] = (at, count + 1)
    for (secret, form), (at, count) in found.items():
        yield Find(file, secret, form, at, count, packed)
