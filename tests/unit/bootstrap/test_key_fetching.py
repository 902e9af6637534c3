import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from fakes.doors import House, key_set
from fakes.waiting import joined

from reconciler.bootstrap.key_fetching import LARGEST, fetch, fetch_url
from reconciler.errors import Refused, RouterctlError, Unreachable
from reconciler.management.key_sets import read_key_set
from reconciler.settings import Reach
from reconciler.snapshot.egress import Egress, egress_of_spec


class Issuer(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.headers["host"])
        status = {"/moved": 302, "/gone": 500}.get(self.path, 200)
        body = b" " * (LARGEST + 1) if self.path == "/large" else key_set()
        self.send_response(status)
        if status == 302:
            self.send_header("location", "/keys")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
        pass


@pytest.fixture
def issuer() -> Iterator[str]:
    Issuer.asked = []
    server = HTTPServer(("127.0.0.1", 0), Issuer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    joined(thread)
    server.server_close()


def test_keys_come_from_the_address_that_was_judged(issuer: str) -> None:
    assert set(read_key_set(fetch_url(f"{issuer}/keys", Egress()))) == {"r1", "e1"}
    assert Issuer.asked == [issuer.removeprefix("http://")]


@pytest.mark.parametrize("path", ["/moved", "/gone", "/large"])
def test_what_is_no_answer_is_said(issuer: str, path: str) -> None:
    with pytest.raises(Unreachable, match="can't be had from localhost"):
        fetch_url(issuer + path, Egress())
    assert len(Issuer.asked) == 1


def test_what_the_egress_policy_refuses_is_not_asked(issuer: str) -> None:
    with pytest.raises(Refused, match="may not be fetched"):
        fetch_url(f"{issuer}/keys", egress_of_spec({}, guarded=True))
    with pytest.raises(Refused):
        fetch_url("http://169.254.169.254/keys", Egress())
    assert Issuer.asked == []


def test_who_does_not_answer_is_said() -> None:
    for url in ("http://127.0.0.1:1/keys", "http://nowhere.invalid/keys"):
        with pytest.raises(RouterctlError, match="can't be had"):
            fetch_url(url, Egress())


def test_the_store_says_what_may_be_asked(issuer: str, tmp_path: Path) -> None:
    house = House(tmp_path / "store.db")
    with closing(house.reader) as reader:
        assert read_key_set(fetch(reader, Reach(), f"{issuer}/keys"))
        house.token()  # from now on what is local has to be allowed
        with pytest.raises(Refused, match=r"Settings/default: - \{host: localhost"):
            fetch(reader, Reach(), f"{issuer}/keys")
        port = int(issuer.rpartition(":")[2])
        house.settings({"egress": {"allow": [{"host": "localhost", "ports": [port]}]}})
        assert read_key_set(fetch(reader, Reach(), f"{issuer}/keys"))


def test_a_file_is_read_where_manifests_may_read(tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_bytes(key_set())
    house = House(tmp_path / "store.db")
    with closing(house.reader) as reader:
        assert read_key_set(fetch(reader, Reach(file_folders=(str(tmp_path),)), str(file)))
        with pytest.raises(RouterctlError, match="not in a folder that manifests may read"):
            fetch(reader, Reach(), str(file))
