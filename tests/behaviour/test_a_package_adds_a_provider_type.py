"""examples/provider-type, installed beside routerctl: its type is validated, explained, applied, built and asked as ours are."""

import asyncio
import json
import sys
import tomllib
from pathlib import Path

from fakes.asked_providers import answer
from fakes.loop import on_loop
from fakes.package import install
from fakes.upstream import Answer, FakeUpstream, ReceivedRequest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "provider-type"
KEY = "acme-key-0123456789"

SCRIPT = """
import contextlib, io, json, os, sys
from pathlib import Path
from reconciler.cli.main import run as routerctl
from reconciler.bootstrap.provider_test import Asked, examine_provider
from reconciler.bootstrap.upstreams.building import Surroundings
from reconciler.resources.resource import ResourceKey
from reconciler.settings import Reach
from reconciler.store.reader import Reader
from reconciler.store.url import StoreLocation

folder = Path(sys.argv[1])
db = ["--db", f"sqlite:///{folder / 'r.db'}"]

def run(*arguments):
    said = io.TextIOWrapper(io.BytesIO())
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = routerctl([*db, *arguments])
    said.flush()
    return [code, said.buffer.getvalue().decode()]

told = {
    "validate": run("validate", "-f", str(folder / "provider.yaml")),
    "explain": run("explain", "provider.spec.config.tenant", "--type", "acme-llm"),
    "wrong": run("validate", "-f", str(folder / "wrong.yaml")),
    "broken": run("validate", "-f", str(folder / "broken.yaml")),
    "schema": run("schema"),
    "apply": run("apply", "-f", str(folder / "provider.yaml")),
    "diff": run("diff", "-f", str(folder / "provider.yaml")),
}
location = StoreLocation(folder / "r.db", folder / "r.records.db")
with Reader(location.config_path) as reader:
    around = Surroundings(location, reader, Reach(), os.environ)
    key = ResourceKey("Provider", "default", "acme")
    told["report"] = examine_provider(around, key, Asked(chat=True)).data()
print(json.dumps(told))
"""


def told(request: ReceivedRequest) -> Answer:
    if (request.header("x-acme-key"), request.header("x-acme-tenant")) != (KEY, "blue"):
        return answer({}, 401)
    if request.target == "/v1/catalog":
        return answer({"entries": [{"model": "acme-1", "window": 8192}]})
    return answer({"choices": [{"message": {"role": "assistant", "content": "pong"}}]})


def installed(folder: Path) -> Path:
    site = folder / "site"
    points = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]["entry-points"]
    ((name, target),) = points["routerctl.provider_types"].items()
    source = (EXAMPLE / "acme_llm.py").read_text()
    install(site, "acme-llm", f"{name} = {target}", {"acme_llm.py": source})
    install(site, "rotten", "rotten-llm = rotten:ROW\nollama = acme_llm:ACME_LLM", {"rotten.py": "1 / 0"})
    return site


@on_loop
async def test_it_is_used_as_ours_are_and_a_broken_one_breaks_nothing(tmp_path: Path) -> None:
    site = installed(tmp_path)
    manifest = (EXAMPLE / "provider.yaml").read_text()
    async with FakeUpstream(told) as up:
        (tmp_path / "provider.yaml").write_text(
            manifest.replace("config:", f"config:\n    baseURL: {up.url}")
        )
        (tmp_path / "wrong.yaml").write_text(manifest.replace("tenant: blue", "tenant: Blue"))
        (tmp_path / "broken.yaml").write_text(manifest.replace("acme-llm", "rotten-llm"))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", SCRIPT, str(tmp_path),
            env={"PYTHONPATH": f"{ROOT}:{site}", "ACME_API_KEY": KEY, "HOME": str(tmp_path)},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    found = json.loads(out.decode().splitlines()[-1])
    assert {
        name: found[name][0] for name in ("validate", "explain", "schema", "apply", "diff")
    } == dict.fromkeys(("validate", "explain", "schema", "apply", "diff"), 0)
    assert "Who pays" in found["explain"][1]
    assert "acme-llm" in found["schema"][1]
    assert found["wrong"][0] == 3
    assert "tenant" in found["wrong"][1]
    assert found["broken"][0] == 3
    assert "provider type rotten-llm of the package rotten 1.0.0 can't be used" in found["broken"][1]
    assert "ZeroDivisionError" in found["broken"][1]
    report = found["report"]
    assert (report["ok"], report["models"], report["answer"]) == (True, ["acme-1"], "pong")
    assert KEY not in out.decode()
