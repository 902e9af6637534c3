import os
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from reconciler.listener.peer import is_loopback, peer_uid

HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
CLIENT, SERVER = ("127.0.0.1", 54321), ("127.0.0.1", 8485)
V4 = ("0100007F:D431", "0100007F:2125")
MAPPED = ("0000000000000000FFFF00000100007F:D431", "0000000000000000FFFF00000100007F:2125")
V6 = ("00000000000000000000000001000000:D431", "00000000000000000000000001000000:2125")


def line(ends: tuple[str, str], uid: int, inode: int = 7, state: str = "01") -> str:
    return f"   0: {ends[0]} {ends[1]} {state} 00000000:00000000 00:00000000 00000000  {uid}        0 {inode} 1 0 20 4 30 10 -1\n"


def proc(folder: Path, tcp: str = "", tcp6: str = "") -> Path:
    (folder / "net").mkdir()
    (folder / "net" / "tcp").write_text(HEADER + tcp)
    (folder / "net" / "tcp6").write_text(HEADER + tcp6)
    return folder


@pytest.mark.parametrize("ends", [V4, MAPPED])
def test_the_owner_of_the_clients_socket_is_named(tmp_path: Path, ends: tuple[str, str]) -> None:
    ours = (ends[1], ends[0])
    lines = line(ours, 0) + line(ends, 1001)
    tables = (lines, "") if ends is V4 else ("", lines)
    assert peer_uid(CLIENT, SERVER, proc(tmp_path, *tables)) == 1001
    assert peer_uid(("127.0.0.1", 54322), SERVER, tmp_path) is None


def test_also_over_ipv6(tmp_path: Path) -> None:
    assert peer_uid(("::1", 54321), ("::1", 8485), proc(tmp_path, "", line(V6, 5))) == 5


def test_a_socket_that_was_closed_is_nobodys(tmp_path: Path) -> None:
    """The kernel says root for those: who sends and closes at once would pass for root."""
    assert peer_uid(CLIENT, SERVER, proc(tmp_path, line(V4, 0, inode=0, state="05"))) is None


def test_two_owners_are_none(tmp_path: Path) -> None:
    assert peer_uid(CLIENT, SERVER, proc(tmp_path, line(V4, 1), line(MAPPED, 2))) is None


def test_what_can_not_be_read_tells_nothing(tmp_path: Path) -> None:
    assert peer_uid(CLIENT, SERVER, tmp_path / "nothing") is None
    assert peer_uid(("client", 1), SERVER, proc(tmp_path, "short line\n" + line(V4, 1))) is None


@pytest.fixture
def connected() -> Iterator[tuple[socket.socket, socket.socket]]:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        client = socket.create_connection(listening.getsockname())
        with client, listening.accept()[0] as server:
            yield client, server


def test_the_kernel_is_believed(connected: tuple[socket.socket, socket.socket]) -> None:
    client, server = connected
    ends = (server.getpeername(), server.getsockname())
    assert peer_uid(*ends) == os.getuid()
    client.shutdown(socket.SHUT_WR)
    assert peer_uid(*ends) == os.getuid()
    client.close()
    assert peer_uid(*ends) is None


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("::ffff:127.0.0.1", True), ("10.0.0.1", False),
     ("localhost", False), ("", False), ("fe80::1%eth0", False)],
)  # fmt: skip
def test_loopback_is_an_address(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
