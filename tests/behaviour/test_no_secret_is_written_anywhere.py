"""A day in miniature with secrets that are looked for in every byte that was written, encoded and in part as well.

Good and bad manifests, every command, upstreams that repeat the key they were given, rotation, rollback, kill -9: all
processes log everything. What was given (manifests, the secrets' file, the environment) is the only place they stand.
"""

import asyncio
import base64
import os
import signal
from functools import partial
from pathlib import Path

import pytest
from fakes.canary import forms, hits
from fakes.day import CANARIES, COLLECTOR, Day, answered
from fakes.running import Running, gone, wait
from fakes.upstream import FakeUpstream

pytestmark = pytest.mark.slow

BROKEN = CANARIES["in a bad manifest"]

MODES = ("ok", "400", "401", "403", "429", "500", "words", "huge", "web", "told", "cut", "garbage")

HEAD = (
    "apiVersion: routerctl.dev/v1\nkind: Provider\nmetadata: {name: bad}\nspec:\n  type: openai-compatible\n"
)
SECRET = "apiVersion: routerctl.dev/v1\nkind: Secret\nmetadata: {name: bad}\nspec:\n"
CLIENT = "apiVersion: routerctl.dev/v1\nkind: ClientKey\nmetadata: {name: bad}\nspec:\n"
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
    "a-key-as-its-hash": f"{CLIENT}  keys: [{{id: 0aZ4kQ81mTq2, hash: {BROKEN}}}]\n",
    "a-key-as-its-id": f'{CLIENT}  keys: [{{id: {BROKEN}, hash: "sha256:0"}}]\n',
    "a-key-for-keys": f"{CLIENT}  keys: [{BROKEN}]\n",
    "sealed-for-nothing": f"{HEAD}  config:\n{URL}    apiKey: {{sealed: s1-{BROKEN}}}\n",
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


def test_a_day(tmp_path: Path) -> None:
    async def whole() -> None:
        mode = ["ok"]
        async with FakeUpstream(lambda request: answered(mode[0], request)) as fake:
            day = Day(tmp_path, fake.url)
            await asyncio.to_thread(live, day, mode)
            traces = [request for request in fake.requests if request.target.startswith(COLLECTOR)]
            sent = {request.header("authorization") for request in fake.requests if request not in traces}
        unsent = ("in a bad manifest", "of an apply that was killed", "of a stranger")
        assert sent == {f"Bearer {text}" for name, text in CANARIES.items() if name not in unsent}
        assert traces
        collected = tmp_path / "collected"
        collected.mkdir()
        for number, each in enumerate(traces):
            (collected / str(number)).write_bytes(repr((each.target, each.headers)).encode() + each.body)
        assert hits([collected], day.canaries) == []

    asyncio.run(whole())


def live(day: Day, mode: list[str]) -> None:
    morning(day)
    keys_are_given_out(day)
    with day.gateway(
        "up", "-f", str(day.manifests), "--watch", "--resync", "500ms", "--workers", "2"
    ) as gateway:
        head = gateway.status()["store"]["revision"]
        everyone_asks(day, gateway, mode)
        day.strangers(gateway)
        rotate(day, gateway, head + 1)
        day.say("rollback", str(head))
        gateway.wait(lambda: gateway.serves(head + 2, workers=2), "the rollback")
        day.ask(gateway, "literal", stream=False)
        for name, text in BAD.items():
            day.write(name, text)
        gateway.wait(lambda: gateway.status()["sources"][0]["error"], "the report of what is broken")
        look_at_everything(day, gateway, head)
        day.look()
        kill(gateway)
    for name in BAD:
        (day.manifests / f"{name}.yaml").unlink()
    evening(day)


def morning(day: Day) -> None:
    manifests, bad = str(day.manifests), day.given / "bad"
    bad.mkdir()
    for name, text in BAD.items():
        (bad / f"{name}.yaml").write_text(text)
    day.say_all(
        (0, ("validate", "-f", manifests)),
        (1, ("diff", "-f", manifests)),
        (0, ("apply", "-f", manifests, "--dry-run")),
        (0, ("apply", "-f", manifests, "-m", "the first")),
        (0, ("diff", "-f", manifests, "-o", "json")),
        # one by one as well: a file that can't be read could hide the others
        *((3, ("validate", "-f", str(file))) for file in sorted(bad.iterdir())),
        (3, ("diff", "-f", str(bad))),
        (3, ("lint", "-f", str(bad))),
    )
    day.say("apply", "-f", str(bad), code=3)


def keys_are_given_out(day: Day) -> None:
    """A value that is sealed for git, one that is set by a command, keys of clients, tokens."""
    place = "provider/in-git:spec.config.apiKey"
    said = day.say_all(
        (
            0,
            (
                "secret",
                "set",
                "by-hand",
                "KEY",
                "--host",
                "127.0.0.1",
                "--from-file",
                day.file("set by a command"),
            ),
        ),
        (0, ("secret", "seal", "--for", place, "--from-file", day.file("sealed in a manifest"))),
    )
    (sealed,) = (word.decode() for word in said.split() if word.startswith(b"s1-"))
    day.provider("in-git", {"sealed": sealed})
    day.provider("by-hand", {"valueFrom": {"secret": {"name": "by-hand", "key": "KEY"}}})
    day.say_all((0, ("apply", "-f", str(day.manifests), "-m", "two more")))
    day.minted("client, rotated away", "key", "create", "team", "--token-budget", "month=1000000000")
    day.minted("client", "key", "rotate", "team", "--overlap", "0s")
    day.minted("token, revoked", "token", "create", "gone", "--role", "admin", "--keep-providers")
    day.minted("token", "token", "create", "ci", "--role", "admin")


def everyone_asks(day: Day, gateway: Running, mode: list[str]) -> None:
    for mode[0] in MODES:
        for model in ("literal", "secret", "env", "file", "in-git", "by-hand"):
            for stream in (False, True):
                day.ask(gateway, model, stream=stream)
    mode[0] = "ok"


def rotate(day: Day, gateway: Running, revision: int) -> None:
    (day.keys / "key").write_text(CANARIES["in a file, rotated"] + "\n")
    day.provider("file", {"valueFrom": {"file": str(day.keys / "key")}}, description="rotated")
    day.provider("literal", CANARIES["literal, rotated"])
    gateway.wait(lambda: gateway.serves(revision, workers=2), "the rotation")
    for model in ("literal", "file"):
        day.ask(gateway, model, stream=False)


def look_at_everything(day: Day, gateway: Running, head: int) -> None:
    kinds, revisions = (
        ("providers", "secrets", "models", "bindings", "clientkeys"),
        ("1", str(head), str(head + 2)),
    )
    named = (("provider", "literal"), ("secret", "s"), ("provider", "in-git"), ("clientkey", "team"))
    shown = (
        *(("get", kind, "-o", form) for kind in kinds for form in ("wide", "yaml", "json")),
        *(("describe", kind, name) for kind, name in named),
        *(("show", revision, "-o", form) for revision in revisions for form in ("text", "json")),
        *(("export", "--revision", revision) for revision in revisions),
        ("history", "-o", "yaml"),
        ("history", "verify"),
        ("status",),
        ("status", "-o", "json"),
        ("blame", "provider/literal"),
        ("events",),
        ("token", "revoke", "gone"),
        ("token", "list", "--all", "-o", "json"),
        ("audit", "-o", "json"),
        ("requests", "--all", "-o", "json"),
        *(("requests", each, "-o", "json") for each in day.failed[::9]),
        ("stats", "--by", "client"),
        ("key", "list", "-o", "json"),
        ("secret", "list", "-o", "json"),
        ("secret", "public-key"),
        ("backup", str(day.written / "backup.db")),
        ("secret", "audit", str(day.written), "--allow-file", str(day.keys)),
    )
    day.say_all(
        *((0, each) for each in shown),
        (0, ("doctor", "--allow-file", str(day.keys))),
        (3, ("lint", "-f", str(day.manifests))),
        (3, ("diff", "-f", str(day.manifests))),
    )
    for path in ("/status", "/metrics", "/healthz", "/readyz", "/openapi.json", "/openapi/data-plane.json"):
        day.keep(gateway.admin(path).content)
    day.keep(gateway.client.get(f"{gateway.data_url}/v1/models").content)


def kill(gateway: Running) -> None:
    workers = gateway.pids()
    os.kill(min(workers), signal.SIGKILL)
    gateway.process.kill()
    for pid in workers:
        wait(partial(gone, pid), f"the end of worker {pid}")


def evening(day: Day) -> None:
    """What a killed apply and killed processes left behind; another encryption key; then all of it works again."""
    day.look()
    day.provider("literal", CANARIES["of an apply that was killed"])
    for place in ("after-seals", "before-commit"):
        day.say("apply", "-f", str(day.manifests), code=-signal.SIGKILL, ROUTERCTL_FAILPOINT=place)
    day.look()
    day.provider("literal", CANARIES["literal, rotated"])
    sealed = str(day.manifests / "in-git.yaml")
    day.say_all((0, ("secret", "rotate-key")), (0, ("secret", "reseal", "-f", sealed)))
    day.look()
    with day.gateway("serve") as gateway:
        day.say("apply", "-f", str(day.manifests), "--wait")
        day.ask(gateway, "literal", stream=True)
        for model in ("secret", "in-git", "by-hand"):
            day.ask(gateway, model, stream=False)
        assert gateway.stop() == 0
    day.look()
