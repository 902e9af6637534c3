"""The global options that say which store is meant: one on this machine, or a server's."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypedDict, TypeVar

import click

from reconciler.cli.session import Session
from reconciler.errors import InvalidInput
from reconciler.late import late
from reconciler.settings import DB, SERVER

if TYPE_CHECKING:
    from reconciler.remote import server as remote
else:
    remote = late("reconciler.remote.server")

F = TypeVar("F", bound=Callable[..., object])


class ServerOptions(TypedDict):
    """The values of the options below."""

    server: str | None
    token_file: str | None
    server_ca: str | None
    client_cert: str | None
    client_key: str | None
    acting_as: str | None


def server_options(command: F) -> F:
    """Gives the command the keywords of ServerOptions."""
    options: list[Callable[[F], F]] = [
        click.option(
            "--server",
            metavar="URL",
            help="Ask a server's management listener instead of a store here: https://HOST:PORT. [env: ROUTERCTL_SERVER]",
        ),
        click.option(
            "--token-file",
            metavar="FILE",
            help="The token for --server, in a file. [env: ROUTERCTL_TOKEN_FILE, or the token itself: ROUTERCTL_TOKEN]",
        ),
        click.option(
            "--server-ca",
            metavar="FILE",
            help="Who signed the server's certificate (default: whom the system trusts).",
        ),
        click.option("--client-cert", metavar="FILE", help="The certificate to show the server."),
        click.option("--client-key", metavar="FILE", help="Its key."),
        click.option(
            "--as", "acting_as", metavar="NAME", help="For whom this is done: recorded beside who does it."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def session_of(environ: Mapping[str, str], db: str | None, given: ServerOptions) -> Session:
    """Raises UsageError where both a store and a server are meant, InvalidInput for a name that is none."""
    acting_as = _name(given["acting_as"])
    url = _server(environ, db, given["server"])
    alone = next((flag for flag, value in _of_a_server(given).items() if value is not None), None)
    if url is None and alone is not None:
        raise click.UsageError(f"{alone} goes with --server")
    if url is None:
        return Session(environ, db, acting_as=acting_as)
    told = remote.Told(
        url, given["token_file"], given["server_ca"], given["client_cert"], given["client_key"], acting_as
    )
    return Session(environ, told=told, acting_as=acting_as)


def _of_a_server(given: ServerOptions) -> Mapping[str, str | None]:
    return {
        "--token-file": given["token_file"],
        "--server-ca": given["server_ca"],
        "--client-cert": given["client_cert"],
        "--client-key": given["client_key"],
    }


def _server(environ: Mapping[str, str], db: str | None, given: str | None) -> str | None:
    """What is said on the command line counts before the environment."""
    if db is not None:
        if given is not None:
            raise click.UsageError("give --db or --server, not both: one store is meant")
        return None
    if given is not None:
        return given
    url = environ.get(SERVER) or None
    if url is not None and environ.get(DB):
        raise click.UsageError(
            f"{DB} and {SERVER} are both set: say with --db or --server which store is meant"
        )
    return url


def _name(text: str | None) -> str | None:
    if text is not None and not (text.isprintable() and text.strip() and len(text) <= 128):
        raise InvalidInput("--as takes a name of at most 128 printable characters")
    return text
