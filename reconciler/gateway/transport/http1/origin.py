"""What a URL says of where a request goes."""

import re
from typing import NamedTuple

_URL = re.compile(
    r"(https?)://(\[[0-9a-f:.]+\]|[a-z0-9_][a-z0-9_.-]*)(?::([0-9]{1,5}))?([/?][!-\"$-~]*)?",
    re.ASCII | re.IGNORECASE,
)
_PORTS = {"http": 80, "https": 443}


class Unsendable(Exception):
    """The request can't be put on the wire. The message repeats nothing of it."""


class Origin(NamedTuple):
    """Where connections go. `host` is in lower case and bare: an IPv6 address has no brackets."""

    scheme: str
    host: str
    port: int

    @property
    def tls(self) -> bool:
        return self.scheme == "https"

    @property
    def endpoint(self) -> str:
        """host:port, as CONNECT wants it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def authority(self) -> str:
        """What the header Host says: the port only where it is not the scheme's own."""
        own = f":{self.port}"
        return self.endpoint.removesuffix(own) if self.port == _PORTS[self.scheme] else self.endpoint


def parse_url(url: str) -> tuple[Origin, str]:
    """The origin, and the target: path and query. Raises Unsendable."""
    match = _URL.fullmatch(url)
    if match is None:
        raise Unsendable("its URL is not one that HTTP allows")
    scheme, host, port, target = match.groups()
    scheme = scheme.lower()
    number = int(port) if port else _PORTS[scheme]
    if not 0 < number < 65536:
        raise Unsendable("its URL has a port that does not exist")
    target = target or "/"
    return Origin(scheme, host.strip("[]").lower(), number), target if target.startswith(
        "/"
    ) else "/" + target
