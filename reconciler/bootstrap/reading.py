"""How a command opens a store to read it. Imports nothing that writes or decrypts: `get` must start fast."""

from reconciler.store import migrations
from reconciler.store.reader import Reader
from reconciler.store.records import StoreMissing
from reconciler.store.url import StoreLocation


def open_reader(location: StoreLocation) -> Reader:
    """Migrates an older store after a copy was made. Raises StoreError where it is missing or can't be read."""
    migrations.migrate(location.config_path)
    return Reader(location.config_path)


def open_reader_if_any(location: StoreLocation) -> Reader | None:
    """None where there is no store yet: who only compares takes it as empty."""
    try:
        return open_reader(location)
    except StoreMissing:
        return None
