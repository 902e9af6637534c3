"""One gateway with real workers: a value that is sealed in its manifest is opened, a mounted secret is read again when it
changes, the key is rotated under it, and no error of an upstream tells a key.
"""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import pytest
from fakes.running import Running, routerctl, running, served_by

pytestmark = pytest.mark.slow

SEALED, FIRST, SECOND = (f"sk-canary-{name}/0123456789+abcdef" for name in "xyz")


class Echo(BaseHTTPRequestHandler):
    """Answers with the key that it was sent; where it is asked to fail, in every spelling that it knows."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        key = self.headers.get("authorization", "").removeprefix("Bearer ")
        if b"fail" in body:
            spelled = f"{key} {quote(key, safe='')} {base64.b64encode(key.encode()).decode()} {key[:12]}... ?key={key}"
            self._answer(401, {"error": {"message": spelled, "type": "invalid_request_error"}})
            return
        told = base64.b85encode(
            key.encode()
        ).decode()  # an answer passes as it is; this keeps the test honest
        message = {"role": "assistant", "content": told}
        self._answer(200, {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})

    def _answer(self, status: int, content: object) -> None:
        answer = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its own name
        """Nothing."""


@contextmanager
def echo() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()


def mount(folder: Path, number: int, value: str) -> None:
    """As the kubelet does: the files of a secret in a new folder, and one symlink that is swapped."""
    made = folder / f"..{number}"
    made.mkdir(parents=True)
    (made / "key").write_text(value)
    (folder / "..new").symlink_to(made.name)
    (folder / "..new").replace(folder / "..data")
    if not (folder / "key").is_symlink():
        (folder / "key").symlink_to("..data/key")


def key_of(gateway: Running, model: str) -> str:
    return base64.b85decode(gateway.text(model)).decode()


def condition(db: Path, name: str) -> str:
    path = "{.status.conditions[?(@.type=='Ready')].message}"
    return routerctl(db, "get", f"provider/{name}", "-o", f"jsonpath={path}")


def test_what_is_sealed_or_mounted_reaches_its_provider_and_nobody_else(tmp_path: Path) -> None:
    db, mounted, manifests = tmp_path / "store.db", tmp_path / "mounted", tmp_path / "all.yaml"
    mount(mounted, 1, FIRST)
    with echo() as url:

        def provider(name: str, key: object) -> str:
            return served_by(name, {"type": "openai-compatible", "config": {"baseURL": url, "apiKey": key}})

        manifests.write_text(
            provider("sealed", SEALED) + provider("mounted", {"valueFrom": {"file": str(mounted / "key")}})
        )
        routerctl(db, "secret", "keygen", "--out", str(tmp_path / "store.key"))
        routerctl(db, "secret", "seal", "-f", str(manifests))
        assert SEALED not in manifests.read_text()
        routerctl(db, "apply", "-f", str(manifests))
        arguments = ("serve", "--workers", "1", "--allow-file", str(mounted))
        with running(*arguments, db=db) as gateway:
            assert (key_of(gateway, "sealed"), key_of(gateway, "mounted")) == (SEALED, FIRST)
            failed = [gateway.chat(model, user="fail").text for model in ("sealed", "mounted")]
            mount(mounted, 2, SECOND)
            gateway.wait(lambda: key_of(gateway, "mounted") == SECOND, "the second value")
            (mounted / "key").unlink()
            gateway.wait(lambda: "can't be read" in condition(db, "mounted"), "the reason")
            assert key_of(gateway, "mounted") == SECOND
            mount(mounted, 3, FIRST)
            gateway.wait(lambda: key_of(gateway, "mounted") == FIRST, "the file that came back")

            routerctl(db, "secret", "rotate-key")
            routerctl(db, "secret", "reseal", "-f", str(manifests))
            routerctl(db, "apply", "-f", str(manifests), "--wait")
            routerctl(db, "secret", "rotate-key", "--drop-old", "--yes")
            routerctl(
                db, "patch", "provider/sealed", "-p", '{"spec":{"config":{"headers":{"x-a":"b"}}}}', "--wait"
            )
            assert key_of(gateway, "sealed") == SEALED
            said = gateway.errors() + "".join(failed)
    for key in (SEALED, FIRST, SECOND):
        for spelled in (
            key,
            quote(key, safe=""),
            base64.b64encode(key.encode()).decode().rstrip("="),
            key[:12],
        ):
            assert spelled not in said
            for file in tmp_path.glob("store*"):
                assert spelled.encode() not in file.read_bytes(), file
