"""What a command needs to change a store."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass

from reconciler.bootstrap.ciphers import check_keys, load_cipher
from reconciler.bootstrap.reading import open_reader
from reconciler.clock import Clock
from reconciler.errors import SecretError
from reconciler.secrets.cipher import Cipher
from reconciler.secrets.keys import generate_key_file, read_key_file
from reconciler.settings import key_file_beside
from reconciler.store.engine import open_engine
from reconciler.store.reader import Reader
from reconciler.store.url import StoreLocation
from reconciler.store.writer import Writer


@dataclass(frozen=True, slots=True)
class OpenStore:
    """A store to read, to write, and to seal in. `cipher` is None where its key is lost."""

    reader: Reader
    writer: Writer
    cipher: Cipher | None


@contextmanager
def open_store(location: StoreLocation, environ: Mapping[str, str], clock: Clock) -> Iterator[OpenStore]:
    """As open_writer and cipher_for_sealing."""
    with closing(open_writer(location, clock)) as writer, open_reader(location) as reader:
        yield OpenStore(reader, writer, cipher_for_sealing(location, environ, reader))


@contextmanager
def open_present_store(
    location: StoreLocation, environ: Mapping[str, str], clock: Clock, *, sealing: bool
) -> Iterator[OpenStore]:
    """As open_store, and makes no store: raises StoreMissing. Without `sealing` no key is looked for, nor made."""
    with open_reader(location) as reader, closing(open_writer(location, clock)) as writer:
        yield OpenStore(reader, writer, cipher_for_sealing(location, environ, reader) if sealing else None)


def open_writer(location: StoreLocation, clock: Clock) -> Writer:
    """Creates the store where there is none, and migrates an older one after a backup."""
    return Writer(open_engine(location.config_path), clock)


def cipher_for_sealing(
    location: StoreLocation, environ: Mapping[str, str], reader: Reader | None
) -> Cipher | None:
    """As load_cipher; makes a key file for a store that holds nothing sealed. None where the key is lost."""
    cipher = load_cipher(location, environ, reader)
    if cipher is not None or (reader is not None and reader.key_ids()):
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
