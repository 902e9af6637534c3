"""Manifests of somebody whom nobody trusts: a pull request of a fork, read where the keys are."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from fakes.command import Routerctl, manifest, served

from reconciler.json_types import JsonObject

ROOT = Path(__file__).parents[2]
LIMIT_SECONDS, LIMIT_BYTES = 40, 1_500_000_000

WATCHED = """\
import sys
reached, told = [], []
def hook(event, arguments):
    if event.split(".")[0] in {"socket", "urllib", "ftplib", "http", "smtplib"} or event in {
        "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn",
        "ctypes.dlopen", "shutil.rmtree",
    }:
        told.append([event, repr(arguments)])
    elif event == "open" and isinstance(arguments[0], str):
        reached.append(arguments[0])
sys.addaudithook(hook)
import json
from reconciler.cli.main import run
codes = [run(["--db", sys.argv[1], *command]) for command in json.loads(sys.argv[2])]
print(json.dumps([codes, told, reached]))
"""
"""What Python itself tells of a process: what it opened, whom it called, what it started."""

PASSWORDS = "/etc/passwd"
UNTRUSTED = (
    manifest(
        "Provider",
        "reads",
        {
            "type": "openai-compatible",
            "config": {
                "baseURL": "https://169.254.169.254.example/v1",
                "apiKey": {"valueFrom": {"file": PASSWORDS}},
                "tls": {"caFile": "/etc/shadow"},
            },
        },
    )
    + manifest(
        "Provider",
        "asks",
        {
            "type": "openai-compatible",
            "config": {"baseURL": "https://a.example/v1", "apiKey": {"valueFrom": {"env": "HOME"}}},
        },
    )
    + manifest(
        "Secret", "s", {"hosts": ["a.example"], "data": {"K": {"valueFrom": {"file": "/proc/self/environ"}}}}
    )
    + served("m")
)


def as_process(folder: Path, *commands: list[str], **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", WATCHED, str(folder / "s.db"), json.dumps(commands)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT), **environ},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_SECONDS, LIMIT_SECONDS)),
        timeout=120,
    )


def test_case_28_checking_needs_no_secret_and_calls_nobody(tmp_path: Path) -> None:
    """Neither network nor process (but git, asked what it tracks) nor a file that a manifest names; no key is made."""
    (tmp_path / "m.yaml").write_text(UNTRUSTED)
    verbs = [
        ["validate", "-f", "m.yaml"],
        ["lint", "-f", "m.yaml"],
        ["diff", "-f", "m.yaml"],
        ["diff", "-f", "m.yaml", "-o", "markdown"],
    ]
    done = as_process(tmp_path, *verbs)
    codes, told, reached = json.loads(done.stdout.splitlines()[-1])
    assert codes == [0, codes[1], 1, 1], done.stderr
    assert [event for event in told if "'git'" not in event[1]] == []
    assert not {PASSWORDS, "/etc/shadow", "/proc/self/environ"} & set(reached)
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".db") == ["m.yaml"]


TAGS = [
    "!!python/object/apply:os.system ['touch owned']",
    "!!python/object/new:os.system ['touch owned']",
    "!!python/name:os.system",
    "!!python/module:os",
    "!<tag:yaml.org,2002:python/object/apply:os.system> ['touch owned']",
    "!!binary aGk=",
    "!file /etc/passwd",
    "!include /etc/passwd",
    "!env HOME",
    "!ENV ${HOME}",
]


def test_case_22_and_26_tags_make_nothing_and_braces_stay_text(tmp_path: Path) -> None:
    """All in one process, which Python watches: no tag executes, opens or names anything, and none is accepted."""
    for number, tag in enumerate(TAGS):
        text = f"apiVersion: routerctl.dev/v1\nkind: Model\nmetadata: {{name: m}}\nspec: {{description: {tag}}}\n"
        (tmp_path / f"{number}.yaml").write_text(text)
    literal = "${HOME} $(id) {{ 7*7 }} {% raw %} #{7*7} <%= 7*7 %> `id` $HOME"
    (tmp_path / "text.yaml").write_text(manifest("Model", "m", {"description": literal}))
    commands = [["validate", "-f", f"{number}.yaml"] for number in range(len(TAGS))]
    done = as_process(tmp_path, *commands, ["apply", "-f", "text.yaml"], ["get", "model", "m", "-o", "json"])
    *printed, last = done.stdout.splitlines()
    codes, told, reached = json.loads(last)
    assert codes == [*[3] * len(TAGS), 0, 0], done.stderr
    assert [event for event in told if "'git'" not in event[1]] == []
    assert PASSWORDS not in reached
    assert not (tmp_path / "owned").exists()
    assert json.dumps(literal) in "\n".join(printed)


def test_case_23_what_would_expand_ends_within_bounds(tmp_path: Path) -> None:
    """The kernel holds the bounds: this process may take so much memory and processor, and no more."""
    nine = ", ".join(["*a{0}"] * 9)
    laughs = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{nine.format(n - 1)}]\n" for n in range(1, 20))
    hostile = {
        "laughs": laughs,
        "deep": "a: " + "[" * 10_000,
        "deep-map": "{a: " * 10_000,
        "indented": "".join(" " * n + "- \n" for n in range(2_000)),
        "long": "a: " + "x" * 100_000_000,
        "keys": "".join(f"k{n}: 1\n" for n in range(1_000_000)),
        "anchors": "".join(f"k{n}: &a{n} 1\n" for n in range(19_000)),
        "digits": "a: " + "9" * 900_000,
        "quotes": "a: '" + "''" * 500_000,
        "documents": "---\n" * 200_000,
    }
    for name, text in hostile.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    script = (
        f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({LIMIT_BYTES}, {LIMIT_BYTES}))\n{WATCHED}"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            script,
            str(tmp_path / "s.db"),
            json.dumps([["validate", "-f", str(tmp_path)]]),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_SECONDS, LIMIT_SECONDS)),
        timeout=120,
    )
    assert json.loads(done.stdout.splitlines()[-1])[0] == [3], done.stderr[:2000]
    assert [name for name in hostile if f"{name}.yaml" not in done.stderr] == []
    assert len(done.stderr) < 400_000


@pytest.mark.parametrize(
    "name",
    [
        "\u0430dmin",
        "gpt-4\u03bf",
        "\u202em",
        "m\u200b",
        "m\ufeff",
        "\ufb01",
        "\uff4d",
        "m\u0301",
        "nul\0",
        "a/b",
        "..",
        "-m",
    ],
)
def test_case_24_names_have_no_look_alikes(routerctl: Routerctl, name: str) -> None:
    """Names are ASCII: none can be taken for another; and a message shows what stands there instead of acting on it."""
    done = routerctl("validate", "-f", routerctl.write("a.yaml", manifest("Model", name)))
    assert done.code == 3
    assert f"{routerctl.manifests}/a.yaml:" in done.err
    assert done.err.isascii() or all(each.isprintable() or each == "\n" for each in done.err)


@pytest.mark.parametrize(
    "host",
    [
        "\u0440\u0430ypal.example", "xn--e1awd7f.example", "EXAMPLE.com.", "a\u3002b", "\u24dbocalhost",
        "127\u30020\u30020\u30021", "exa\u00admple.com", "a_b",
    ],
)  # fmt: skip
def test_case_5_a_host_is_ascii_and_compared_as_dns_does(routerctl: Routerctl, host: str) -> None:
    """Unicode that a resolver would turn into another name (IDNA, full-width dots) is refused; punycode shows itself."""
    spec: JsonObject = {"type": "openai-compatible", "config": {"baseURL": f"https://{host}/v1"}}
    done = routerctl("validate", "-f", routerctl.write("a.yaml", manifest("Provider", "p", spec)))
    assert done.code == (0 if host in {"xn--e1awd7f.example", "a_b"} else 3), done.err
