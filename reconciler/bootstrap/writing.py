"""What a command needs to change a store."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reconciler.bootstrap.callers import this_user
from reconciler.bootstrap.ciphers import check_keys, cipher_at_hand, load_cipher
from reconciler.bootstrap.reading import open_reader
from reconciler.clock import Clock
from reconciler.control.permission import check_write
from reconciler.errors import KeyNeeded, SecretError
from reconciler.late import late
from reconciler.resources.principal import Principal
from reconciler.resources.resource import ResourceKey
from reconciler.secrets.cipher import Cipher
from reconciler.secrets.keys import generate_key_file, read_key_file
from reconciler.settings import key_file_beside
from reconciler.store.preparing import prepare
from reconciler.store.reader import Reader
from reconciler.store.records import EMPTY_STORE, Edit, Hold, Revision, RevisionMeta, StaleBase, VaultEntry
from reconciler.store.url import StoreLocation

if TYPE_CHECKING:
    from reconciler.store import engine, writer
else:
    engine = late("reconciler.store.engine")
    writer = late("reconciler.store.writer")


class Committer:
    """The store's writer, opened for the first commit that writes anything: what changes nothing needs none of its
    libraries, which take longer to import than all else that an `apply` does. Owned by one thread at a time.
    """

    def __init__(
        self, location: StoreLocation, reader: Reader, clock: Clock, caller: Principal | None = None
    ) -> None:
        """As open_writer."""
        self._caller = caller
        self._location = location
        self._reader = reader
        self._clock = clock
        self._writer: writer.Writer | None = None

    def commit(
        self,
        edits: Sequence[Edit],
        *,
        base: int,
        meta: RevisionMeta,
        seals: Sequence[VaultEntry] = (),
        holds: Sequence[Hold] = (),
        releases: Collection[tuple[ResourceKey, str]] = (),
    ) -> Revision:
        """As store.writer.Writer.commit. Raises Forbidden for what the caller may not."""
        if self._caller is not None and not self._caller.is_local:
            check_write(self._caller, edits, meta.manager or self._caller.own_manager)
        if not (edits or seals or holds or releases):
            head = self._reader.head_revision() or EMPTY_STORE
            if head.number != base:
                raise StaleBase(base=base, head=head.number)
            return head
        return self._opened().commit(edits, base=base, meta=meta, seals=seals, holds=holds, releases=releases)

    def rewrite_seals(self, entries: Sequence[tuple[VaultEntry, VaultEntry]]) -> int:
        """As store.writer.Writer.rewrite_seals."""
        return self._opened().rewrite_seals(entries) if entries else 0

    def _opened(self) -> "writer.Writer":
        if self._writer is None:
            self._writer = open_writer(self._location, self._clock, self._caller)
        return self._writer

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


@dataclass(frozen=True, slots=True)
class OpenStore:
    """A store to read, to write, and to seal in. `cipher` is None where its key is lost."""

    reader: Reader
    writer: Committer
    cipher: Cipher | None


@contextmanager
def open_store(
    location: StoreLocation,
    environ: Mapping[str, str],
    clock: Clock,
    *,
    new_key: bool = True,
    caller: Principal | None = None,
) -> Iterator[OpenStore]:
    """Makes the store where there is none, as open_writer; and with `new_key` a key, as cipher_for_sealing."""
    make_store(location, clock, caller)
    with open_present_store(location, environ, clock, sealing=new_key, caller=caller) as store:
        yield store if new_key else replace(store, cipher=cipher_at_hand(location, environ, store.reader))


def make_store(location: StoreLocation, clock: Clock, caller: Principal | None = None) -> None:
    """An empty store, where there is none."""
    if not prepare(location.config_path):
        open_writer(location, clock, caller).close()


@contextmanager
def open_present_store(
    location: StoreLocation,
    environ: Mapping[str, str],
    clock: Clock,
    *,
    sealing: bool,
    caller: Principal | None = None,
) -> Iterator[OpenStore]:
    """As open_store, and makes no store: raises StoreMissing. Without `sealing` no key is looked for, nor made.

    What is written is done by `caller`; None: this user.
    """
    reader = open_reader(location)
    # who writes closes last: only that writes the log back into the file
    with closing(Committer(location, reader, clock, caller)) as committer, reader:
        prepare(location.config_path)
        try:
            yield OpenStore(
                reader, committer, cipher_for_sealing(location, environ, reader) if sealing else None
            )
        except KeyNeeded:
            load_cipher(location, environ, reader)  # there may be one, of another store: that is the reason
            raise


def open_writer(location: StoreLocation, clock: Clock, caller: Principal | None = None) -> "writer.Writer":
    """Creates the store where there is none, and migrates an older one after a backup. `caller` None: this user."""
    return writer.Writer(engine.open_engine(location.config_path), clock, caller=caller or this_user())


def cipher_for_sealing(
    location: StoreLocation, environ: Mapping[str, str], reader: Reader | None
) -> Cipher | None:
    """As cipher_at_hand; makes a key file for a store that holds nothing sealed. None where the key is lost."""
    cipher = cipher_at_hand(location, environ, reader)
    if cipher is not None or (reader is not None and reader.holds_sealed()):
        return cipher
    file = key_file_beside(location.config_path)
    try:
        generate_key_file(file)
    except SecretError:
        if not file.exists():
            raise
        # somebody else made it in between; theirs is as good
    keyring = read_key_file(file)
    check_keys(keyring, reader)
    return Cipher(keyring)
