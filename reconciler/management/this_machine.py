"""Who asks without a word, from this machine: the user at the other end of the connection, as the kernel says."""

import os
import pwd
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import Scope

from reconciler.listener.peer import is_loopback, peer_uid
from reconciler.resources.principal import Principal, local_principal

_ROOT = 0
_OF_PROXIES = frozenset(
    {b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip"}
)


@dataclass(frozen=True, slots=True)
class Machine:
    """`own_uid` is ours; `peer` tells whose a connection is."""

    own_uid: int
    peer: Callable[[tuple[str, int], tuple[str, int]], int | None] = peer_uid

    @classmethod
    def this(cls) -> "Machine":
        return cls(os.getuid())

    def user(self, scope: Scope) -> Principal | None:
        """The user of our own process, or root; None for anybody else, and for what came through a proxy."""
        client, server = scope.get("client"), scope.get("server")
        proxied = any(name in _OF_PROXIES for name, _ in scope["headers"])
        if proxied or not client or not server or not is_loopback(client[0]) or not is_loopback(server[0]):
            return None
        uid = self.peer((client[0], client[1]), (server[0], server[1]))
        return local_principal(_name(uid)) if uid is not None and uid in {_ROOT, self.own_uid} else None


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
