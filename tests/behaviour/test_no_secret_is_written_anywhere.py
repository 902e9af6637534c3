"""A day in miniature with secrets that are looked for in every byte that was written, encoded and in part as well.

Good and bad manifests, every command, upstreams that repeat the key they were given, rotation, rollback, kill -9: all
processes log everything. What was given (manifests, the secrets' file, the environment) is the only place they stand.
"""

import asyncio
import base64
import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import httpx2
import pytest
from fakes.canary import forms, hits
from fakes.running import ROOT, Running, gone, running, served_by, wait
from fakes.upstream import Answer, Ending, FakeUpstream, ReceivedRequest

pytestmark = pytest.mark.slow

CANARIES = {
    "literal": "Zq7LitWv9rKe+/h3TxNb6PsYd2Jm",
    "literal, rotated": "Gx4RotMz8uQa+/c5VwFk1HtLe7Sn",
    "in a Secret": "Bn2SecTy6oDf+/w8RjXi3KzUg5Mv",
    "in the environment": "Pe9EnvHs1cVk+/m4LqZa7YbWr6Tu",
    "in a file": "Jd5FilOx3gUb+/t7CnEw2MyRv8Hq",
    "in a file, rotated": "Yw1RfiKb7nZs+/j6QpGc9DeLt4Xo",
    "in a bad manifest": "Tv8BadCf2mRu+/k9WyPg4JnHz1Ls",
    "of an apply that was killed": "Ka6KilSj4tBx+/e2MvUd8ZoCq3Wf",
    "of the client": "Rm3CliNw5yGp+/z1XsOb6TkFh9Vd",
}
BROKEN = CANARIES["in a bad manifest"]

RUN_ALL = """\
import json, sys
from reconciler.cli.main import run
print("", [run(command) for command in json.loads(sys.argv[1])], sep="\\n")
"""
MODES = ("ok", "400", "401", "403", "429", "500", "words", "huge", "web", "told", "cut", "garbage")

HEAD = (
    "apiVersion: routerctl.dev/v1\nkind: Provider\nmetadata: {name: bad}\nspec:\n  type: openai-compatible\n"
)
SECRET = "apiVersion: routerctl.dev/v1\nkind: Secret\nmetadata: {name: bad}\nspec:\n"
URL = "    baseURL: http://127.0.0.1:9/v1\n"
BAD = {
    "misspelt": f"{HEAD}  config:\n{URL}    apikey: {BROKEN}\n",
    "unknown": f"{HEAD}  config:\n{URL}    api_token: {BROKEN}\n",
    "beside-config": f"{HEAD}  apiKey: {BROKEN}\n  config:\n{URL}",
    "list": f"{HEAD}  config:\n{URL}    apiKey: [{BROKEN}]\n",
    "mapping": f"{HEAD}  config:\n{URL}    apiKey: {{value: {BROKEN}}}\n",
    "value-from": f"{HEAD}  config:\n{URL}    apiKey: {{valueFrom: {BROKEN}}}\n",
    "sealed": f"{HEAD}  config:\n{URL}    apiKey: {{sealed: {BROKEN}}}\n",
    "two-forms": f"{HEAD}  config:\n{URL}    apiKey: {{sealed: v-1, valueFrom: {{env: A_TOKEN}}, value: {BROKEN}}}\n",
    "number": f"{HEAD}  config:\n{URL}    apiKey: 12345678901234567890\n    apikey: {BROKEN}\n",
    "in-the-url": f"{HEAD}  config:\n    baseURL: http://user:{BROKEN}@127.0.0.1:9/v1\n",
    "in-the-query": f"{HEAD}  config:\n    baseURL: http://127.0.0.1:9/v1?key={BROKEN}\n",
    "in-a-header": f"{HEAD}  config:\n{URL}    headers: {{Authorization: Bearer {BROKEN}}}\n",
    "line-break": f'{HEAD}  config:\n{URL}    headers: {{x-a: "{BROKEN}\\n"}}\n',
    "twice": f"{HEAD}  config:\n{URL}    apiKey: {BROKEN}\n    apiKey: {BROKEN}\n",
    "open-quote": f'{HEAD}  config:\n{URL}    apiKey: "{BROKEN}\n',
    "tab": f"{HEAD}  config:\n{URL}\tapiKey: {BROKEN}\n",
    "colon": f"{HEAD}  config:\n{URL}    apiKey: a: {BROKEN}\n",
    "tag": f"{HEAD}  config:\n{URL}    apiKey: !!binary {BROKEN}\n",
    "anchor": f"{HEAD}  config:\n{URL}    apiKey: *{BROKEN.partition('+')[0]}\n",
    "type": f"{HEAD.replace('openai-compatible', 'simulator')}  config:\n    apiKey: {BROKEN}\n",
    "bare-entry": f"{SECRET}  data:\n    KEY: {BROKEN}\n",
    "wrong-entry": f"{SECRET}  data:\n    KEY: {{vaule: {BROKEN}}}\n",
    "entry-list": f"{SECRET}  data:\n    KEY: {{value: [{BROKEN}]}}\n",
    "bare-data": f"{SECRET}  data: {BROKEN}\n",
    "no-data": f"{SECRET}  KEY: {BROKEN}\n",
}


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    secret = CANARIES["literal"]
    texts = {
        "raw": f"x{secret}y",
        "first": f"key {secret[:12]}...",
        "last": f"...{secret[-12:]}",
        "url": "?k=Zq7LitWv9rKe%2B%2Fh3TxNb6PsYd2Jm&",
        **{f"b64-{n}": base64.b64encode(b"-" * n + secret.encode() + b"tail").decode() for n in range(5)},
        **{f"url-{n}": base64.urlsafe_b64encode(b"-" * n + secret.encode()).decode() for n in range(5)},
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "nothing").write_text(secret[1:12] + secret[-11:])
    found = hits([tmp_path], {"literal": secret})
    assert found == [f"{tmp_path / name} holds the secret literal" for name in sorted(texts)]
    assert min(map(len, forms(secret))) == 12


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


LEAKY = ("x-request-id", "x-ratelimit-reset-tokens", "retry-after", "openai-version", "www-authenticate")


class Day:
    """Where things lie: `given` may hold secrets, `written` must not."""

    def __init__(self, folder: Path, url: str) -> None:
        self.given, self.written, self.url = folder / "given", folder / "written", url
        self.manifests, self.keys = self.given / "manifests", self.given / "keys"
        for each in (self.manifests, self.keys, self.written / "said"):
            each.mkdir(parents=True)
        self.db = self.written / "store.db"
        self.env = {
            "UPSTREAM_API_KEY": CANARIES["in the environment"],
            "HOME": str(self.written),
            "XDG_STATE_HOME": str(self.written / "state"),
        }
        (self.keys / "key").write_text(CANARIES["in a file"] + "\n")
        entry = {"value": CANARIES["in a Secret"]}
        secret = {
            "apiVersion": "routerctl.dev/v1",
            "kind": "Secret",
            "metadata": {"name": "s"},
            "spec": {"data": {"KEY": entry}},
        }
        (self.manifests / "the-secret.yaml").write_text(json.dumps(secret))
        self.provider("literal", CANARIES["literal"])
        self.provider("secret", {"valueFrom": {"secret": {"name": "s", "key": "KEY"}}})
        self.provider("env", {"valueFrom": {"env": "UPSTREAM_API_KEY"}})
        self.provider("file", {"valueFrom": {"file": str(self.keys / "key")}})

    def provider(self, name: str, key: object, **more: object) -> None:
        config = {"baseURL": self.url, "apiKey": key}
        spec = {"type": "openai-compatible", "config": config, **more}
        (self.manifests / f"{name}.yaml").write_text(served_by(name, spec))

    def say(self, *arguments: str, code: int = 0, **more: str) -> None:
        """Runs a command; what it printed is kept with the rest."""
        done = self._run("-m", "reconciler", "-vv", "--db", str(self.db), *arguments, **more)
        assert done.returncode == code, (arguments, done.stderr.decode())
        assert b"Traceback" not in done.stderr

    def say_all(self, code: int, *commands: tuple[str, ...]) -> None:
        """Runs commands in one process, which is quicker; each ends with `code`."""
        whole = [["-vv", "--db", str(self.db), *command] for command in commands]
        done = self._run("-c", RUN_ALL, json.dumps(whole))
        assert json.loads(done.stdout.splitlines()[-1]) == [code] * len(whole), done.stderr.decode()

    def _run(self, *arguments: str, **more: str) -> "subprocess.CompletedProcess[bytes]":
        env = {**os.environ, "PYTHONPATH": str(ROOT), **self.env, **more}
        done = subprocess.run([sys.executable, *arguments], capture_output=True, check=False, env=env)
        self.keep(done.stdout + done.stderr)
        return done

    def keep(self, said: bytes) -> None:
        (self.written / "said" / str(len(list((self.written / "said").iterdir())))).write_bytes(said)

    def up(self) -> "tuple[str, ...]":
        return ("-vv", "up", "-f", str(self.manifests), "--watch", "--resync", "500ms", "--workers", "2")

    def ask(self, gateway: Running, model: str, *, stream: bool) -> None:
        body = {"model": model, "stream": stream, "messages": [{"role": "user", "content": "x"}]}
        headers = {"authorization": f"Bearer {CANARIES['of the client']}"}
        url = f"{gateway.data_url}/v1/chat/completions"
        with gateway.client.stream("POST", url, json=body, headers=headers) as reply:
            self.keep(f"{reply.status_code} {reply.headers!r} {reply.headers.raw!r}".encode())
            try:
                for chunk in reply.iter_raw():
                    self.keep(chunk)
            except httpx2.RemoteProtocolError as error:
                self.keep(str(error).encode())

    def look(self) -> None:
        """Nothing was written so far; of the master key, nowhere but in its file."""
        key_file = self.written / "store.key"
        assert hits([self.written], CANARIES) == []
        assert hits([self.written], {"master key": key_file.read_text().strip()}, spared=[key_file]) == []


def test_a_day(tmp_path: Path) -> None:
    async def whole() -> None:
        mode = ["ok"]
        async with FakeUpstream(lambda request: answer(mode[0], request)) as fake:
            await asyncio.to_thread(live, Day(tmp_path, fake.url), mode)
            sent = {request.header("authorization") for request in fake.requests}
            used = (
                "literal",
                "literal, rotated",
                "in a Secret",
                "in the environment",
                "in a file",
                "in a file, rotated",
            )
            assert sent == {f"Bearer {CANARIES[name]}" for name in used}

    asyncio.run(whole())


def live(day: Day, mode: list[str]) -> None:
    morning(day)
    with running(*day.up(), "--allow-file", str(day.keys), db=day.db, env=day.env) as gateway:
        everyone_asks(day, gateway, mode)
        rotate(day, gateway)
        day.say("rollback", "1")
        gateway.wait(lambda: gateway.serves(3, workers=2), "the rollback")
        day.ask(gateway, "literal", stream=False)
        for name, text in BAD.items():
            (day.manifests / f"{name}.yaml").write_text(text)
        gateway.wait(lambda: gateway.status()["sources"][0]["error"], "the report of what is broken")
        look_at_everything(day, gateway)
        day.look()
        kill(gateway)
    for name in BAD:
        (day.manifests / f"{name}.yaml").unlink()
    evening(day)


def morning(day: Day) -> None:
    manifests = str(day.manifests)
    day.say("validate", "-f", manifests)
    day.say("diff", "-f", manifests, code=1)
    day.say("apply", "-f", manifests, "--dry-run")
    day.say("apply", "-f", manifests, "-m", "the first")
    day.say("diff", "-f", manifests, "-o", "json")
    bad = day.given / "bad"
    bad.mkdir()
    for name, text in BAD.items():
        (bad / f"{name}.yaml").write_text(text)
    # one by one as well: a file that can't be read could hide the others
    day.say_all(3, *(("validate", "-f", str(file)) for file in sorted(bad.iterdir())))
    day.say("diff", "-f", str(bad), code=3)
    day.say("apply", "-f", str(bad), code=3)


def everyone_asks(day: Day, gateway: Running, mode: list[str]) -> None:
    for mode[0] in MODES:
        for model in ("literal", "secret", "env", "file"):
            for stream in (False, True):
                day.ask(gateway, model, stream=stream)
    mode[0] = "ok"


def rotate(day: Day, gateway: Running) -> None:
    (day.keys / "key").write_text(CANARIES["in a file, rotated"] + "\n")
    day.provider("file", {"valueFrom": {"file": str(day.keys / "key")}}, description="rotated")
    day.provider("literal", CANARIES["literal, rotated"])
    gateway.wait(lambda: gateway.serves(2, workers=2), "the rotation")
    for model in ("literal", "file"):
        day.ask(gateway, model, stream=False)


def look_at_everything(day: Day, gateway: Running) -> None:
    kinds, revisions = ("providers", "secrets", "models", "bindings"), ("1", "2", "3")
    day.say_all(
        0,
        *(("get", kind, "-o", form) for kind in kinds for form in ("wide", "yaml", "json")),
        *(
            ("describe", kind, name)
            for kind, name in (("provider", "literal"), ("secret", "s"), ("provider", "env"))
        ),
        *(("show", revision, "-o", form) for revision in revisions for form in ("text", "json")),
        *(("export", "--revision", revision) for revision in revisions),
        ("history", "-o", "yaml"),
        ("status",),
        ("status", "-o", "json"),
    )
    day.say("diff", "-f", str(day.manifests), code=3)
    for path in ("/status", "/metrics", "/healthz", "/readyz"):
        day.keep(gateway.admin(path).content)
    day.keep(gateway.client.get(f"{gateway.data_url}/v1/models").content)


def kill(gateway: Running) -> None:
    workers = gateway.pids()
    os.kill(min(workers), signal.SIGKILL)
    gateway.process.kill()
    for pid in workers:
        wait(partial(gone, pid), f"the end of worker {pid}")


def evening(day: Day) -> None:
    """What a killed apply and killed processes left behind; then all of it works again."""
    day.look()
    day.provider("literal", CANARIES["of an apply that was killed"])
    for place in ("after-seals", "before-commit"):
        day.say("apply", "-f", str(day.manifests), code=-signal.SIGKILL, ROUTERCTL_FAILPOINT=place)
    day.look()
    day.provider("literal", CANARIES["literal, rotated"])
    with running("-vv", "serve", "--allow-file", str(day.keys), db=day.db, env=day.env) as gateway:
        day.say("apply", "-f", str(day.manifests), "--wait")
        day.ask(gateway, "literal", stream=True)
        day.ask(gateway, "secret", stream=False)
        assert gateway.stop() == 0
    day.look()
