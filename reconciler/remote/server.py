"""Which server is meant, and as whom it is asked: what options and environment say, checked before anything is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from reconciler.errors import InvalidInput, SecretError
from reconciler.secrets.files import NotRegularError, check_private, read_regular
from reconciler.secrets.value import SecretValue
from reconciler.settings import TOKEN, TOKEN_FILE

_LARGEST_TOKEN = 8192
_LOCAL_NAMES = frozenset({"localhost"})


@dataclass(frozen=True, slots=True)
class Server:
    """`url` is scheme, host and port alone. `ca`, `cert` and `key` are files; `acting_as` is said beside who asks."""

    url: str
    token: SecretValue | None = None
    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    acting_as: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What the global options say of a server."""

    url: str
    token_file: str | None = None
    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    acting_as: str | None = None

    @property
    def files(self) -> list[tuple[str, str]]:
        """The options that name one, as they were given."""
        given = {
            "--token-file": self.token_file,
            "--server-ca": self.ca,
            "--client-cert": self.cert,
            "--client-key": self.key,
        }
        return [(flag, file) for flag, file in given.items() if file is not None]


def server_of(told: Told, environ: Mapping[str, str]) -> Server:
    """Raises InvalidInput for what can't be asked, SecretError for a token that can't be had."""
    url = _url(told.url)
    token = _token(told.token_file, environ)
    if token is not None and url.startswith("http://") and not _is_loopback(url):
        raise InvalidInput(
            f"a token is not sent to {url}: anybody on the way could read it",
            hint="serve management with --admin-tls-cert and --admin-tls-key, and write https://",
        )
    if (told.cert is None) != (told.key is None):
        raise InvalidInput("--client-cert and --client-key go together")
    return Server(url, token, told.ca, told.cert, told.key, told.acting_as)


def _url(text: str) -> str:
    """Raises InvalidInput, which repeats nothing of a URL that holds a password."""
    if "@" in text:
        raise InvalidInput(
            "--server takes no name and password in its URL", hint=f"a token comes by {TOKEN} or --token-file"
        )
    written = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(written)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    plain = host is not None and parts.scheme in ("http", "https") and parts.path in ("", "/")
    if not plain or parts.query or parts.fragment or not text.isprintable() or " " in text:
        raise InvalidInput(
            f'--server "{text}" is no address of a management listener', hint="write https://HOST:PORT"
        )
    name = f"[{host}]" if host is not None and ":" in host else host
    return f"{parts.scheme}://{name}" + (f":{port}" if port is not None else "")


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower().removesuffix(".") in _LOCAL_NAMES


def _token(file: str | None, environ: Mapping[str, str]) -> SecretValue | None:
    """--token-file, else the variable with the token, else the one that names its file."""
    given = environ.get(TOKEN)
    if file is None and given:
        return _checked(given, TOKEN)
    place = file or environ.get(TOKEN_FILE)
    if not place:
        return None
    try:
        status, content = read_regular(place, limit=_LARGEST_TOKEN, follow=True)
    except NotRegularError:
        raise SecretError(f"the token file {place} is no regular file") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise SecretError(f"the token file {place} can't be read: {why or 'its name is no path'}") from None
    check_private(status, place)
    try:
        return _checked(content.decode("ascii"), place)
    except UnicodeDecodeError:
        raise SecretError(f"{place} holds no token") from None


def _checked(text: str, place: str) -> SecretValue:
    """Raises SecretError, which repeats nothing of it."""
    text = text.strip()
    if not text or len(text) > _LARGEST_TOKEN or not text.isascii() or not text.isprintable() or " " in text:
        raise SecretError(f"{place} holds no token", hint="a token is one line: as token create printed it")
    return SecretValue(text)
