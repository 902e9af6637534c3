import asyncio
import errno
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvloop
from fakes.loop import HANGS

from reconciler.errors import InvalidInput, Refused
from reconciler.listener.sockets import (
    ACCEPTED_AT_ONCE,
    Address,
    Holder,
    accepting,
    address_of,
    find_holder,
    listen,
    parse_address,
    refusal,
)

HERE = Address("127.0.0.1", 0)


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    with listen(HERE) as bound:
        yield bound


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:8484", "127.0.0.1", 8484),
        ("localhost:0", "localhost", 0),
        (" [::1]:8484 ", "::1", 8484),
        ("[fe80::1%eth0]:1", "fe80::1%eth0", 1),
        ("0.0.0.0:65535", "0.0.0.0", 65535),
        ("gw.example.com:80", "gw.example.com", 80),
    ],
)
def test_an_address_is_host_and_port(text: str, host: str, port: int) -> None:
    assert parse_address(text) == Address(host, port)
    assert str(parse_address(text)) == text.strip()


@pytest.mark.parametrize(
    "text",
    ["", "8484", ":8484", "localhost", "localhost:", "::1:8484", "[::1]", "[]:1", "a:b", "a:-1", "a:65536", "a:1:2",
     "http://a:1", "a b:1"],
)  # fmt: skip
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"is not HOST:PORT[\s\S]*127\.0\.0\.1:8484"):
        parse_address(text)


def test_the_url_is_one_that_a_client_can_use() -> None:
    assert Address("0.0.0.0", 1).url == "http://127.0.0.1:1"
    assert Address("::", 1).url == "http://[::1]:1"
    assert Address("gw", 1).url == "http://gw:1"
    assert Address("::", 1).url_by("https") == "https://[::1]:1"


def test_port_0_takes_a_free_one(taken: socket.socket) -> None:
    address = address_of(taken)
    assert address.host == "127.0.0.1"
    assert address.port > 0
    with socket.create_connection((address.host, address.port)) as client:
        assert client.getpeername() == taken.getsockname()


@pytest.mark.parametrize("inheritable", [True, False])
def test_the_socket_is_non_blocking_and_inheritable_as_asked(inheritable: bool) -> None:
    with listen(HERE, inheritable=inheritable) as bound:
        assert not bound.getblocking()
        assert bound.get_inheritable() is inheritable
        assert bound.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR) != 0


def test_names_are_looked_up() -> None:
    with listen(Address("localhost", 0)) as bound:
        assert address_of(bound).host in {"127.0.0.1", "::1"}


def test_a_taken_port_says_by_whom_and_what_to_do(taken: socket.socket) -> None:
    with pytest.raises(Refused) as caught:
        listen(address_of(taken), flag="--admin-listen")
    assert caught.value.exit_code == 4
    assert f"{address_of(taken)} is taken by" in str(caught.value)
    assert f"(pid {os.getpid()})" in str(caught.value)
    assert "--admin-listen 127.0.0.1:0" in str(caught.value)


def test_another_process_is_named_without_its_arguments(tmp_path: Path) -> None:
    server = tmp_path / "server.py"
    server.write_text(
        "import socket\ns = socket.create_server(('127.0.0.1', 0))\nprint(s.getsockname()[1], flush=True)\ninput()\n"
    )
    child = subprocess.Popen(
        [sys.executable, str(server), "--api-key", "sk-not-for-messages"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with child:
        assert child.stdout is not None
        port = int(child.stdout.readline())
        with pytest.raises(Refused) as caught:
            listen(Address("127.0.0.1", port))
        child.communicate("\n", timeout=30)
    assert "server.py" in str(caught.value)
    assert f"(pid {child.pid})" in str(caught.value)
    assert "sk-not-for-messages" not in str(caught.value)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(Refused, match=r"no address 192\.0\.2\.1[\s\S]*--listen 127\.0\.0\.1:0"):
        listen(Address("192.0.2.1", 0))


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(Refused, match="cannot find the address"):
        listen(Address("a" * 300, 0))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EADDRINUSE, "127.0.0.1:80 is taken by another process"),
        (errno.EACCES, "take a higher one: --listen 127.0.0.1:8484"),
        (errno.EADDRNOTAVAIL, "no address 127.0.0.1"),
        (errno.EMFILE, "cannot listen on 127.0.0.1:80: Too many open files"),
    ],
)
def test_what_the_system_says_in_words(number: int, words: str) -> None:
    error = refusal(OSError(number, os.strerror(number)), Address("127.0.0.1", 80), "--listen", None)
    assert words in str(error)


def test_a_holder_is_named_with_its_pid() -> None:
    error = refusal(OSError(errno.EADDRINUSE, ""), Address("::1", 80), "--listen", Holder(7, "nginx"))
    assert "[::1]:80 is taken by nginx (pid 7)" in str(error)
    assert "--listen [::1]:0" in str(error)


# -- /proc, made up ----------------------------------------------------------------------------------------------------

HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
ALL_V6 = "0" * 32


def row(host: str, port: int, state: str, inode: int) -> str:
    return f"   0: {host}:{port:04X} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000  0  0 {inode} 1\n"


def fake_proc(
    tmp_path: Path, tcp: str = "", tcp6: str = "", comm: str = "nginx\n", cmdline: str = "nginx\0"
) -> Path:
    (tmp_path / "net").mkdir()
    (tmp_path / "net/tcp").write_text(HEADER + tcp)
    (tmp_path / "net/tcp6").write_text(HEADER + tcp6)
    (tmp_path / "self").mkdir()
    (tmp_path / "7/fd").mkdir(parents=True)
    (tmp_path / "7/fd/0").symlink_to("/dev/null")
    (tmp_path / "7/fd/3").symlink_to("socket:[42]")
    (tmp_path / "7/fd/4").write_text("no link")
    (tmp_path / "7/comm").write_text(comm)
    (tmp_path / "7/cmdline").write_text(cmdline)
    (tmp_path / "3").mkdir()  # one that this user may not look into
    return tmp_path


LOOPBACK = f"{socket.ntohl(0x7F000001) if sys.byteorder == 'little' else 0x7F000001:08X}"


@pytest.mark.parametrize(
    ("tcp", "tcp6", "address", "found"),
    [
        (row(LOOPBACK, 80, "0A", 42), "", Address("127.0.0.1", 80), True),
        (row("00000000", 80, "0A", 42), "", Address("127.0.0.1", 80), True),
        (row(LOOPBACK, 80, "0A", 42), "", Address("0.0.0.0", 80), True),
        (row(LOOPBACK, 80, "0A", 42), "", Address("localhost", 80), True),
        ("", row(ALL_V6, 80, "0A", 42), Address("127.0.0.1", 80), True),
        (row(LOOPBACK, 80, "0A", 42), "", Address("127.0.0.2", 80), False),
        (row(LOOPBACK, 81, "0A", 42), "", Address("127.0.0.1", 80), False),
        (row(LOOPBACK, 80, "01", 42), "", Address("127.0.0.1", 80), False),
        (row(LOOPBACK, 80, "0A", 43), "", Address("127.0.0.1", 80), False),
        ("   0: cut off\n", "", Address("127.0.0.1", 80), False),
    ],
)
def test_the_holder_is_found_in_proc(
    tmp_path: Path, tcp: str, tcp6: str, address: Address, found: bool
) -> None:
    holder = find_holder(address, fake_proc(tmp_path, tcp, tcp6))
    assert holder == (Holder(7, "nginx") if found else None)


@pytest.mark.parametrize(
    ("comm", "cmdline", "name"),
    [
        ("routerctl\n", "python\0/usr/bin/routerctl\0up\0", "routerctl"),
        ("python3\n", "python3\0-m\0http.server\0--x\0", "python3 -m http.server"),
        ("python3\n", "python3\0/srv/app.py\0secret\0", "python3 app.py"),
        ("python3\n", "python3\0-c\0secret\0", "python3"),
        ("python3\n", "python3\0", "python3"),
        ("", "", "a process"),
    ],
)
def test_a_process_is_named_by_what_it_runs(tmp_path: Path, comm: str, cmdline: str, name: str) -> None:
    proc = fake_proc(tmp_path, row(LOOPBACK, 80, "0A", 42), comm=comm, cmdline=cmdline)
    assert find_holder(Address("127.0.0.1", 80), proc) == Holder(7, name)


def test_without_proc_nobody_is_named(tmp_path: Path) -> None:
    assert find_holder(Address("127.0.0.1", 80), tmp_path / "none") is None
    (tmp_path / "net").mkdir()
    (tmp_path / "net/tcp").write_text(HEADER + row(LOOPBACK, 80, "0A", 42))
    assert find_holder(Address("127.0.0.1", 80), tmp_path) is None


def test_many_that_come_at_once_are_accepted_in_a_few_turns_of_the_loop() -> None:
    clients = 4 * ACCEPTED_AT_ONCE

    async def turns_until_all_are_in() -> int:
        loop, accepted = asyncio.get_running_loop(), list[asyncio.Protocol]()

        def arrived() -> asyncio.Protocol:
            accepted.append(asyncio.Protocol())
            return accepted[-1]

        servers = [await loop.create_server(arrived, sock=each) for each in accepting(listen(HERE))]
        place = servers[0].sockets[0].getsockname()
        connected = [socket.create_connection(place) for _ in range(clients)]
        turns = 0
        while len(accepted) < clients:
            await asyncio.sleep(0)
            turns += 1
        for client in connected:
            client.close()
        for server in servers:
            server.close()
        return turns

    async def bounded() -> int:
        async with asyncio.timeout(HANGS):
            return await turns_until_all_are_in()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(bounded()) < clients / 2


def test_who_takes_it_over_never_makes_others_wait_for_a_connection() -> None:
    with listen(Address("127.0.0.1", 0)) as shared:
        taken = accepting(socket.socket(fileno=os.dup(shared.fileno())))
        assert len(taken) == ACCEPTED_AT_ONCE
        assert not os.get_blocking(shared.fileno())
        with pytest.raises(BlockingIOError):
            shared.accept()
        for each in taken:
            each.close()
