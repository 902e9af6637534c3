"""What `--git` and `--branch` name, checked before git sees it: nothing in them can be taken for an option or a program."""

import base64
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote

from reconciler.errors import InvalidInput
from reconciler.secrets.value import MASK

PROTOCOLS = ("https", "ssh", "file")
_HELPER = re.compile(r"[A-Za-z0-9][A-Za-z0-9+.-]*::")
"""Git starts the program git-remote-<helper> for such an address."""
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>.*)", re.DOTALL)
_SCP = re.compile(r"(?:(?P<user>[^@/:]*)@)?(?P<host>\[[^\]/]+\]|[^/:@\[\]]+):(?P<path>(?!//).+)")
_USERINFO = re.compile(r"(?<=[A-Za-z0-9+.-]://)[^\s/@]*+@")
_REF_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|\.lock(?:/|$)|(?:^|/)\.|[/.]$|^/")
_HINT = "write https://HOST/PATH, ssh://USER@HOST/PATH, USER@HOST:PATH, or the path of a repository"


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository to fetch from. `address` is what git is given, without credentials, and fit for every message.

    `folder`: its real path where it lies on this machine. `config` holds the credentials of the URL, as settings of
    git: they go into its environment, where arguments would be seen by everybody on the machine.
    """

    address: str
    folder: Path | None = None
    config: tuple[tuple[str, str], ...] = field(default=(), repr=False)


def parse_remote(text: str) -> Remote:
    """Raises InvalidInput for what is neither a path nor an address over one of PROTOCOLS."""
    if not text.strip() or not text.isprintable():
        raise InvalidInput("the git repository's address is empty or holds control characters", hint=_HINT)
    if text.startswith("-"):
        raise InvalidInput(
            "the git repository's address begins with a dash: git would take it for an option", hint=_HINT
        )
    if _HELPER.match(text):
        raise InvalidInput("an address that starts a program (NAME::...) is not taken", hint=_HINT)
    written = _SCHEME.fullmatch(text)
    if written is not None:
        return _of_url(written["scheme"].lower(), written["rest"])
    if _SCP.fullmatch(text) and not Path(text).exists():
        return _of_scp(text)
    return _of_path(Path(text).expanduser())


def check_branch(name: str) -> str:
    """The name as it was given; a full `refs/heads/NAME` is taken for NAME. Raises InvalidInput."""
    branch = name.removeprefix("refs/heads/")
    if not branch or branch.startswith("-") or branch == "@" or _REF_FORBIDDEN.search(branch):
        raise InvalidInput(
            f'"{_shown(name)}" can\'t be the name of a branch',
            hint="write it as git branch shows it, such as main",
        )
    return branch


def check_path(text: str) -> str:
    """A path inside a repository, "" for its root. Raises InvalidInput for one that leads out of it."""
    parts = [part for part in text.split("/") if part not in {"", "."}]
    if text.startswith("/") or ".." in parts or not text.isprintable():
        raise InvalidInput(
            f'"{_shown(text)}" is no path inside a repository',
            hint="write it from the repository's root on, such as manifests",
        )
    return "/".join(parts)


def masked(text: str) -> str:
    """`text` without what stands before the @ of URLs in it."""
    return _USERINFO.sub(f"{MASK}@", text)


def _of_url(scheme: str, rest: str) -> Remote:
    if scheme not in PROTOCOLS:
        why = "is not encrypted" if scheme in {"http", "git"} else "is not taken"
        raise InvalidInput(f"git over {_shown(scheme)}:// {why}", hint=_HINT)
    if scheme == "file":
        if not rest.startswith("/"):
            raise InvalidInput("a file:// address needs a whole path", hint="write file:///srv/routing.git")
        return _of_path(Path(unquote(rest)))
    authority, slash, path = rest.partition("/")
    userinfo, at, host = authority.rpartition("@")
    if not slash or not path.strip("/") or not host or host.startswith("-") or userinfo.startswith("-"):
        raise InvalidInput(f"the git repository's {scheme}:// address names no repository", hint=_HINT)
    if "?" in path or "#" in path:
        raise InvalidInput(
            "a git address has no ? and no #: what stands there may be a secret, and is shown", hint=_HINT
        )
    if scheme == "ssh":
        user = userinfo.partition(":")[0]
        return Remote(f"ssh://{user}{at}{host}/{path}")
    return Remote(f"https://{host}/{path}", config=_credentials(userinfo))


def _credentials(userinfo: str) -> tuple[tuple[str, str], ...]:
    """As settings of git. A user alone is asked of the user's credential helper."""
    user, colon, password = (unquote(part) for part in userinfo.partition(":"))
    if not colon:
        return (("credential.username", user),) if user else ()
    token = base64.b64encode(f"{user}:{password}".encode()).decode()
    # a header of our own goes wherever a redirect leads
    return (("http.extraHeader", f"Authorization: Basic {token}"), ("http.followRedirects", "false"))


def _of_scp(text: str) -> Remote:
    found = _SCP.fullmatch(text)
    assert found is not None
    if found["host"].startswith("-") or found["path"].startswith("-"):
        raise InvalidInput("a host or path that begins with a dash is not taken", hint=_HINT)
    if "@" in found["path"].partition("/")[0]:
        raise InvalidInput("ssh takes no password from an address", hint=_HINT)
    return Remote(text)


def _of_path(path: Path) -> Remote:
    real = path.resolve()
    if real.name == ".git":
        real = real.parent
    return Remote(f"file://{quote(str(real))}", real)


def _shown(text: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in text)[:100]
