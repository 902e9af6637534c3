"""What a server says of its store's upkeep, and a copy that is received. Both ends together: tests/behaviour/both_ways."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from fakes.store import commit_all, provider, put

from reconciler.api.upkeep import Begun, Dropped, Finding, Searched
from reconciler.errors import Forbidden, Refused, RouterctlError, StoreError, Unreachable
from reconciler.remote.connection import Connection
from reconciler.remote.server import Server
from reconciler.remote.upkeep import RemoteUpkeep
from reconciler.store.backup import back_up
from reconciler.store.compaction import Compaction, Keep
from reconciler.store.url import parse

TYPE = {"content-type": "application/vnd.sqlite3"}


class Cut(httpx2.SyncByteStream):
    """Ends before its end."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content
        raise httpx2.RemoteProtocolError("peer closed connection")


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("copy")
    commit_all(folder / "store.db", [put(provider("a"))])
    return back_up(parse(str(folder / "store.db")), folder / "copy.db").file.read_bytes()


def upkeep(answer: httpx2.Response) -> RemoteUpkeep:
    transport = httpx2.MockTransport(lambda _: answer)
    return RemoteUpkeep(Connection(Server("http://127.0.0.1:1"), transport=transport))


def test_a_copy_is_verified_here(content: bytes, tmp_path: Path) -> None:
    told = {**TYPE, "x-routerctl-key-place": "the%20file%20/%C3%BC%1B"}
    done = upkeep(httpx2.Response(200, headers=told, content=content)).back_up(tmp_path / "b.db", force=False)
    assert (done.backup.head.number, done.backup.size) == (1, len(content))
    assert done.key.startswith("the file /ü")
    assert "\x1b" not in done.key
    assert done.backup.file.read_bytes() == content


def test_what_is_not_whole_is_not_kept(content: bytes, tmp_path: Path) -> None:
    length = {**TYPE, "content-length": str(len(content))}
    half = content[: len(content) // 2]
    json_type = {"content-type": "application/json"}
    problem = {"content-type": "application/problem+json"}
    forbidden = json.dumps({"status": 403, "code": "role_too_low", "detail": "no"}).encode()
    flipped = bytearray(content)
    at = content.index(b"simulator")
    flipped[at : at + 9] = b"simulatoR"
    cases: list[tuple[Callable[[], httpx2.Response], type[RouterctlError], str]] = [
        (lambda: httpx2.Response(200, headers=length, stream=Cut(half)), Unreachable, f"broke off after {len(half)} of"),
        (lambda: httpx2.Response(200, headers=TYPE, stream=Cut(content)), Unreachable, "broke off after"),
        (lambda: httpx2.Response(200, headers=json_type, content=b"{}"), Unreachable, "no management listener"),
        (lambda: httpx2.Response(200, headers={**TYPE, "content-encoding": "gzip"}, content=b""), Unreachable, "no management"),
        (lambda: httpx2.Response(403, headers=problem, content=forbidden), Forbidden, "no"),
        (lambda: httpx2.Response(200, headers=TYPE, content=half), StoreError, ""),
        (lambda: httpx2.Response(200, headers=TYPE, content=b"not a store"), StoreError, ""),
        (lambda: httpx2.Response(200, headers=TYPE, content=bytes(flipped)), StoreError, "the copy of http://127.0.0.1:1 is"),
    ]  # fmt: skip
    kept = tmp_path / "kept.db"
    kept.write_text("mine")
    for answer, kind, words in cases:
        for target, force in ((tmp_path / "b.db", False), (kept, True)):
            with pytest.raises(kind) as found:
                upkeep(answer()).back_up(target, force=force)
            assert words in found.value.message
    assert [path.name for path in tmp_path.iterdir()] == ["kept.db"]
    assert kept.read_text() == "mine"


def test_a_file_that_is_there_is_not_asked_for(tmp_path: Path) -> None:
    (tmp_path / "b.db").touch()
    with pytest.raises(Refused, match="exists already"):
        upkeep(httpx2.Response(500)).back_up(tmp_path / "b.db", force=False)


def test_what_was_put_in_front_is_told_afterwards() -> None:
    body = {"rotated": {"key": "abc", "written": 0, "older": False, "begun": {"key": "abc"}}}
    told: list[Begun] = []
    asked = upkeep(httpx2.Response(200, json=body))
    with closing(asked._connection):
        assert asked.rotate_key(told.append).begun == Begun("abc")
    assert told == [Begun("abc")]
    del body["rotated"]["begun"]
    upkeep(httpx2.Response(200, json=body)).rotate_key(told.append)
    assert len(told) == 1


def test_each_is_asked_at_its_place() -> None:
    asked: list[tuple[str, object]] = []
    told = {
        "pruned": {"head": 2, "compacted": 1, "versions": 1, "sealedValues": 0},
        "findings": [{"check": "disk", "level": "ok", "message": "fine"}],
        "searched": {"secrets": 3},
        "dropped": {"file": "/k", "key": "abc"},
    }

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append((request.url.path, json.loads(request.content)))
        return httpx2.Response(200, json=told)

    server = Server("http://127.0.0.1:1")
    with closing(Connection(server, transport=httpx2.MockTransport(answer))) as connection:
        away = RemoteUpkeep(connection)
        assert away.prune(Keep(1), dry_run=True) == Compaction(2, 1, 1, 0)
        assert away.examine(online=True) == (Finding("disk", "ok", "fine"),)
        assert away.search_secrets(lambda _done, _of: None) == Searched(3)
        assert away.drop_old_keys(dry_run=False) == Dropped(Path("/k"), "abc")
    assert asked == [
        ("/v1/history/prune", {"keep": {"revisions": 1}, "dryRun": True}),
        ("/v1/doctor", {"online": True}),
        ("/v1/secrets/audit", {}),
        ("/v1/encryption-key/drop-old", {}),
    ]
