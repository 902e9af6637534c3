"""Where a listener listens: `HOST:PORT` parsed, the socket bound, and a taken port explained.

The socket is bound by the process that starts the others and handed down, so that all workers accept from one queue
and a port that is taken is known before anything else is started.
"""

import errno
import re
import socket
import struct
import time
from dataclasses import dataclass
from pathlib import Path

from reconciler.errors import InvalidInput, Refused, RouterctlError

BACKLOG = 2048
ACCEPTED_AT_ONCE = 16
_PROC = Path("/proc")
_TCP_LISTEN = "0A"
_WRITTEN = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.%\w]+)\]|(?P<name>[^\s:\[\]/]+)):(?P<port>[0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Address:
    """A TCP address. `host` is an IP address or a name, without brackets; port 0 takes a free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        return self.url_by("http")

    def url_by(self, scheme: str) -> str:
        """An address that a client on this machine can use, also where the listener takes all interfaces."""
        reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104  compared, not bound
        return f"{scheme}://{Address(reachable, self.port)}"


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that listens. `name` has no arguments: they may hold secrets."""

    pid: int
    name: str

    def __str__(self) -> str:
        return f"{self.name} (pid {self.pid})"


def parse_address(text: str) -> Address:
    """`127.0.0.1:8484`, `localhost:0`, `[::1]:8484`. Raises InvalidInput for everything else."""
    match = _WRITTEN.fullmatch(text.strip())
    if match is None or int(match["port"]) > 65535:
        raise InvalidInput(
            f'"{text}" is not HOST:PORT',
            hint="write 127.0.0.1:8484, [::1]:8484, 0.0.0.0:8484 for all interfaces, or port 0 for a free one",
        )
    return Address(match["v6"] or match["name"], int(match["port"]))


def listen(address: Address, *, flag: str = "--listen", inheritable: bool = False) -> socket.socket:
    """A non-blocking listening socket. Raises Refused where it can't be had; `flag` is what its message names."""
    family, target = _resolve(address, flag)
    # With its protocol said, asyncio sets TCP_NODELAY on what it accepts: else a body waits 40 ms for its head's ACK.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # Without it a restart waits for connections of the last run to leave TIME_WAIT.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(target)
        bound.listen(BACKLOG)
        bound.setblocking(False)
        bound.set_inheritable(inheritable)
    except OSError as error:
        bound.close()
        raise refusal(error, address, flag, find_holder(address)) from error
    return bound


def accepting(bound: socket.socket) -> list[socket.socket]:
    """The same listening socket several times. uvloop accepts one connection of each in a turn of the loop, and a turn takes
    as long as all that is under way asks for: by one alone, a new client of a busy worker would wait for seconds.

    Whether it blocks belongs to the socket, not to the process, and `dup` sets it as `bound` believes it to be: a worker that
    begins would make those that serve already wait in `accept`, and answer nobody.
    """
    bound.setblocking(False)
    return [bound, *(bound.dup() for _ in range(ACCEPTED_AT_ONCE - 1))]


def let_others_accept() -> None:
    """Where processes accept from one socket, who is awake would take all that come at once, and keep them, before another is:
    after each it waits for the least that can be waited, some 50 us. (libuv did so by default until 1.45.)
    """
    time.sleep(1e-9)  # noqa: TID251  there is no condition: others are to come first


def address_of(bound: socket.socket) -> Address:
    """Where a socket listens, with the port that was found for port 0."""
    host, port, *_ = bound.getsockname()
    return Address(host, port)


def refusal(error: OSError, address: Address, flag: str, holder: Holder | None) -> RouterctlError:
    """What the system said, in words, and what to do about it."""
    if error.errno == errno.EADDRINUSE:
        by = f" by {holder}" if holder else " by another process"
        free = Address(address.host, 0)
        return Refused(
            f"{address} is taken{by}",
            hint=f"stop that process, or listen elsewhere: {flag} {free} takes a free port",
        )
    if error.errno == errno.EACCES:
        return Refused(
            f"this user may not listen on {address}",
            hint=f"ports below 1024 belong to root; take a higher one: {flag} {Address(address.host, 8484)}",
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return Refused(
            f"this machine has no address {address.host}",
            hint=f"listen on one that it has: {flag} 127.0.0.1:{address.port}",
        )
    return Refused(
        f"cannot listen on {address}: {error.strerror or error}", hint=f"choose another with {flag}"
    )


def _resolve(address: Address, flag: str) -> tuple[socket.AddressFamily, tuple[str | int | bytes, ...]]:
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused(
            f'cannot find the address of "{address.host}"',
            hint=f"use an IP address: {flag} 127.0.0.1:{address.port}",
        ) from error
    family, _, _, _, target = found[0]
    return family, target


# -- who holds a port (Linux; elsewhere nobody is named) ---------------------------------------------------------------


def find_holder(address: Address, proc: Path = _PROC) -> Holder | None:
    """The process that listens on the port of `address`, where this user may see it."""
    inodes = {
        inode
        for table in ("net/tcp", "net/tcp6")
        for inode in _listening_inodes(_read(proc / table), address)
    }
    if not inodes:
        return None
    links = {f"socket:[{inode}]" for inode in inodes}
    for process in sorted(_processes(proc)):
        if _holds(proc / str(process) / "fd", links):
            return Holder(process, _process_name(proc / str(process)))
    return None


def _listening_inodes(table: str, address: Address) -> list[str]:
    found = []
    for line in table.splitlines()[1:]:
        columns = line.split()
        if len(columns) < 10 or columns[3] != _TCP_LISTEN:
            continue
        host, _, port = columns[1].partition(":")
        if int(port, 16) == address.port and _clashes(host, address.host):
            found.append(columns[9])
    return found


def _clashes(kernel_host: str, host: str) -> bool:
    """Whether a listener there keeps us from `host`: the same address, or all of them on either side."""
    theirs = _kernel_address(kernel_host)
    everywhere = {"0.0.0.0", "::"}  # noqa: S104  compared, not bound
    return theirs == host or theirs in everywhere or host in everywhere or not _is_literal(host)


def _kernel_address(digits: str) -> str:
    """/proc/net/tcp writes addresses as 32-bit words in the machine's byte order, in hexadecimal."""
    words = [int(digits[i : i + 8], 16) for i in range(0, len(digits), 8)]
    packed = struct.pack(f"={len(words)}I", *words)
    return socket.inet_ntop(socket.AF_INET if len(words) == 1 else socket.AF_INET6, packed)


def _is_literal(host: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except OSError:
            continue
        return True
    return False


def _processes(proc: Path) -> list[int]:
    try:
        return [int(entry.name) for entry in proc.iterdir() if entry.name.isdecimal()]
    except OSError:
        return []


def _holds(descriptors: Path, links: set[str]) -> bool:
    try:
        return any(_link(entry) in links for entry in descriptors.iterdir())
    except OSError:  # another user's, or gone meanwhile
        return False


def _link(entry: Path) -> str:
    try:
        return str(entry.readlink())
    except OSError:
        return ""


def _process_name(process: Path) -> str:
    """`nginx`, `routerctl`; for an interpreter what it runs: `python3 server.py`, `python3 -m http.server`."""
    name = _read(process / "comm").strip() or "a process"
    if not name.startswith("python"):
        return name
    arguments = _read(process / "cmdline").split("\0")[1:3]
    if len(arguments) == 2 and arguments[0] == "-m":
        return f"{name} -m {arguments[1]}"
    if arguments and arguments[0] and not arguments[0].startswith("-"):
        return f"{name} {Path(arguments[0]).name}"
    return name


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
