"""A store behind the management listener of a server."""

from collections.abc import Mapping
from contextlib import nullcontext

from reconciler.library.router import Router
from reconciler.remote.connection import Connection
from reconciler.remote.server import Told, server_of
from reconciler.remote.store import RemoteStore
from reconciler.remote.writes import RemoteWrites
from reconciler.settings import environment


def connect(
    url: str,
    *,
    token_file: str | None = None,
    ca: str | None = None,
    cert: str | None = None,
    key: str | None = None,
    acting_as: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> Router:
    """As --server and its options: the token is in the file, else in ROUTERCTL_TOKEN. Raises Unreachable with the first
    question where nobody answers.
    """
    given = environment() if environ is None else environ
    connection = Connection(server_of(Told(url, token_file, ca, cert, key, acting_as), given))
    store = RemoteStore(connection)
    writes = RemoteWrites(connection, store.records.get)
    return Router(lambda: nullcontext(store.records), writes, given, connection.close)
