"""A day of operations whose every secret is a canary: `given` may hold them, `written` must not, nor what a collector got."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx2
from fakes.attacked import document
from fakes.canary import hits
from fakes.running import ROOT, Running, said, served_by, started
from fakes.upstream import Answer, Ending, ReceivedRequest

CANARIES = {
    "literal": "Zq7LitWv9rKe+/h3TxNb6PsYd2Jm",
    "literal, rotated": "Gx4RotMz8uQa+/c5VwFk1HtLe7Sn",
    "in a Secret": "Bn2SecTy6oDf+/w8RjXi3KzUg5Mv",
    "in the environment": "Pe9EnvHs1cVk+/m4LqZa7YbWr6Tu",
    "in a file": "Jd5FilOx3gUb+/t7CnEw2MyRv8Hq",
    "in a file, rotated": "Yw1RfiKb7nZs+/j6QpGc9DeLt4Xo",
    "in a bad manifest": "Tv8BadCf2mRu+/k9WyPg4JnHz1Ls",
    "of an apply that was killed": "Ka6KilSj4tBx+/e2MvUd8ZoCq3Wf",
    "of a stranger": "Rm3CliNw5yGp+/z1XsOb6TkFh9Vd",
    "sealed in a manifest": "Hd6SeaMb1qWn+/r8TyLk5VcJf2Gs",
    "set by a command": "Uf9SetCk4vZp+/a7NhRx1GwTe6Mj",
}

RUN_ALL = """\
import json, sys
from reconciler.cli.main import run
print("", [run(command) for command in json.loads(sys.argv[1])], sep="\\n")
"""
LEAKY = ("x-request-id", "x-ratelimit-reset-tokens", "retry-after", "openai-version", "www-authenticate")
COLLECTOR = "/collector"
SETTINGS = {
    "auth": {"dataPlane": "keys"},
    "egress": {"allow": [{"network": "127.0.0.0/8"}]},
    "records": {"bodies": True},
}


def answer(mode: str, request: ReceivedRequest) -> Answer:
    """Repeats the credential wherever an upstream could."""
    given = request.header("authorization") or ""
    key = given.removeprefix("Bearer ")
    error = json.dumps({"error": {"message": f"{key} is wrong", "type": given, "param": None, "code": key}})
    escaped = error.replace("/", "\\/").encode()
    leaky = (("content-type", "application/json"), *((name, key) for name in LEAKY))
    event = b'data: {"choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": null}]}\n\n'
    stream = (("content-type", "text/event-stream"), *leaky[1:])
    match mode:
        case "ok":
            return Answer((b'{"choices": [{"message": {"content": "fine"}}]}',), headers=leaky)
        case "words":
            return Answer((f"no: {given}".encode(),), 400, headers=leaky)
        case "huge":
            return Answer((error.encode() + b" " * 70_000 + key.encode(),), 400, headers=leaky)
        case "web":
            return Answer((f"<p>{given}</p>".encode(),), headers=(("content-type", "text/html"), *leaky[1:]))
        case "told":
            return Answer((event, b"data: " + escaped + b"\n\ndata: " + error.encode()), headers=stream)
        case "cut":
            return Answer((event, b"data: " + error.encode(), Ending.CUT), headers=stream)
        case "garbage":
            return Answer(head=f"HTTP/1.1 200 {key}\r\nx y {key}\r\n\r\n".encode())
        case status:
            return Answer((escaped, error.encode()[:0]), int(status), headers=leaky)


def answered(mode: str, request: ReceivedRequest) -> Answer:
    """As `answer`, and as a collector of traces."""
    return Answer((b"",)) if request.target.startswith(COLLECTOR) else answer(mode, request)


class Day:
    """Where things lie: `given` may hold secrets, `written` must not. `canaries` grow as keys are given out; `failed` are
    ids of requests.
    """

    def __init__(self, folder: Path, url: str) -> None:
        self.given, self.written, self.url = folder / "given", folder / "written", url
        self.manifests, self.keys = self.given / "manifests", self.given / "keys"
        for each in (self.manifests, self.keys, self.written / "said"):
            each.mkdir(parents=True)
        self.db = self.written / "store.db"
        self.canaries = dict(CANARIES)
        self.texts: dict[str, str] = {}
        self.failed: list[str] = []
        self.env = {
            "UPSTREAM_API_KEY": CANARIES["in the environment"],
            "HOME": str(self.written),
            "XDG_STATE_HOME": str(self.written / "state"),
        }
        (self.keys / "key").write_text(CANARIES["in a file"] + "\n")
        self.write("settings", document("Settings", "default", SETTINGS))
        self.write(
            "the-secret", document("Secret", "s", {"data": {"KEY": {"value": CANARIES["in a Secret"]}}})
        )
        self.provider("literal", CANARIES["literal"])
        self.provider("secret", {"valueFrom": {"secret": {"name": "s", "key": "KEY"}}})
        self.provider("env", {"valueFrom": {"env": "UPSTREAM_API_KEY"}})
        self.provider("file", {"valueFrom": {"file": str(self.keys / "key")}})

    @property
    def served_env(self) -> dict[str, str]:
        """Of what serves: it sends traces, too."""
        collector = self.url.removesuffix("/v1") + COLLECTOR
        return {**self.env, "OTEL_EXPORTER_OTLP_ENDPOINT": collector, "OTEL_BSP_SCHEDULE_DELAY": "100"}

    def write(self, name: str, text: str) -> None:
        (self.manifests / f"{name}.yaml").write_text(text)

    def provider(self, name: str, key: object, **more: object) -> None:
        config = {"baseURL": self.url, "apiKey": key}
        self.write(name, served_by(name, {"type": "openai-compatible", "config": config, **more}))

    def file(self, canary: str) -> str:
        """A file that holds it."""
        path = self.given / canary
        path.write_text(CANARIES[canary] + "\n")
        return str(path)

    def minted(self, name: str, *arguments: str) -> str:
        """What a command prints once, for a person: it is given out, and a canary from now on. Its id is no secret."""
        done = said(self.db, "-vv", *arguments)
        assert done.code == 0, done.err
        self.keep(done.err.encode())
        text = self.texts[name] = done.out.split()[-1]
        self.canaries[name] = text[16:]
        return text

    def say(self, *arguments: str, code: int = 0, **more: str) -> bytes:
        """Runs a command; what it printed is kept with the rest."""
        done = self._run("-m", "reconciler", "-vv", "--db", str(self.db), *arguments, **more)
        assert done.returncode == code, (arguments, done.stderr.decode())
        assert b"Traceback" not in done.stderr
        return done.stdout

    def say_all(self, *commands: tuple[int, tuple[str, ...]]) -> bytes:
        """Runs commands in one process, which is quicker; each ends with the code that stands before it."""
        whole = [["-vv", "--db", str(self.db), *command] for _, command in commands]
        done = self._run("-c", RUN_ALL, json.dumps(whole))
        ended = json.loads(done.stdout.splitlines()[-1])
        odd = [(each, code) for each, code in zip(commands, ended, strict=True) if code != each[0]]
        assert not odd, (odd, done.stderr.decode())
        return done.stdout

    def _run(self, *arguments: str, **more: str) -> "subprocess.CompletedProcess[bytes]":
        env = {**os.environ, "PYTHONPATH": str(ROOT), **self.env, **more}
        done = subprocess.run(
            [sys.executable, *arguments], capture_output=True, check=False, env=env, timeout=120
        )
        self.keep(done.stdout + done.stderr)
        return done

    def keep(self, said: bytes) -> None:
        (self.written / "said" / str(len(list((self.written / "said").iterdir())))).write_bytes(said)

    @contextmanager
    def gateway(self, *arguments: str) -> Iterator[Running]:
        with started(
            "-vv", *arguments, "--allow-file", str(self.keys), db=self.db, env=self.served_env
        ) as gateway:
            gateway.client.headers["authorization"] = f"Bearer {self.texts['token']}"
            gateway.wait_until_ready()
            yield gateway

    def ask(self, gateway: Running, model: str, *, stream: bool) -> None:
        body = {"model": model, "stream": stream, "messages": [{"role": "user", "content": "x"}]}
        self.post(gateway, "/v1/chat/completions", {"authorization": f"Bearer {self.texts['client']}"}, body)

    def strangers(self, gateway: Running) -> None:
        """A key that nobody has, wherever one may write it."""
        text = CANARIES["of a stranger"]
        body: dict[str, object] = {"model": "literal", "messages": [], "api_key": "x"}
        for path in ("/v1/chat/completions", "/v1/models", "/nowhere", "/v1//models"):
            for headers in (
                {"authorization": f"Bearer {text}"},
                {"x-api-key": text},
                {"cookie": f"key={text}"},
            ):
                self.post(gateway, f"{path}?key={quote(text)}&api_key={quote(text)}", headers, body)
        for path in ("/status", "/hooks/git", "/nowhere"):
            self.post(
                gateway,
                f"{path}?token={quote(text)}",
                {"authorization": f"Bearer {text}"},
                body,
                gateway.admin_url,
            )

    def post(
        self, gateway: Running, path: str, headers: Mapping[str, str], body: object, url: str | None = None
    ) -> None:
        with gateway.client.stream(
            "POST", (url or gateway.data_url) + path, json=body, headers=headers
        ) as reply:
            told = reply.headers.get("x-routerctl-request-id")
            if reply.status_code >= 400 and told is not None and reply.status_code != 401:
                self.failed.append(told)
            self.keep(f"{reply.status_code} {reply.headers!r} {reply.headers.raw!r}".encode())
            try:
                for chunk in reply.iter_raw():
                    self.keep(chunk)
            except httpx2.RemoteProtocolError as error:
                self.keep(str(error).encode())

    def look(self) -> None:
        """Nothing was written so far; of the encryption keys, nowhere but in their file."""
        key_file = self.written / "store.key"
        assert hits([self.written], self.canaries) == []
        masters = {f"encryption key {at}": key for at, key in enumerate(key_file.read_text().split())}
        assert hits([self.written], masters, spared=[key_file]) == []
