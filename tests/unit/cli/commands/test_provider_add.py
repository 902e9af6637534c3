import sys
from pathlib import Path

import pytest
from fakes.command import Done, Routerctl

from reconciler.cli.commands import provider_add


def answered(routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch, *words: str, answers: str) -> Done:
    """As at a terminal. What is typed without an echo is read like the rest."""
    monkeypatch.setattr(provider_add, "somebody_answers", lambda: True)
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _: sys.stdin.readline().rstrip("\n"))
    return routerctl("provider", "add", *words, stdin=answers)


def test_a_template_models_and_the_active_provider_are_one_revision(routerctl: Routerctl) -> None:
    words = ("--template", "openai", "--model", "gpt-4o", "--default-model", "gpt-4o-mini", "--active")
    done = routerctl("provider", "add", *words)
    assert done.out.splitlines()[:-1] == [
        "provider/openai created",
        "model/gpt-4o created",
        "binding/gpt-4o-openai created",
        "model/gpt-4o-mini created",
        "binding/gpt-4o-mini-openai created",
        "settings/default created",
    ]
    assert "Try it: routerctl --db" in done.err
    assert routerctl.ok("history", "-o", "name") == "revision/1\n"
    spec = routerctl("get", "provider/openai", "-o", "json").json()["spec"]
    assert (spec["type"], spec["displayName"]) == ("openai-compatible", "OpenAI")
    assert spec["config"]["apiKey"] == {"valueFrom": {"env": "OPENAI_API_KEY"}}


def test_flags_say_it_all(routerctl: Routerctl, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-canary\n")
    words = ("--type", "ollama", "--base-url", "http://gpu:11434", "--api-key-file", tmp_path / "key")
    more = ("--set", "keepAlive=10m", "--priority", "5", "--disabled", "--description", "d", "-m", "why")
    done = routerctl("provider", "add", "gpu", *words, *more, "-o", "json")
    spec = done.json()["spec"]
    assert (spec["priority"], spec["enabled"], spec["config"]["keepAlive"]) == (5, False, "10m")
    assert spec["config"]["apiKey"]["sealed"].startswith("v-")
    assert "sk-canary" not in done.out + done.err


def test_a_key_from_stdin(routerctl: Routerctl) -> None:
    done = routerctl(
        "provider", "add", "x", "--type", "ollama", "--api-key-stdin", "-o", "name", stdin="sk-canary\n"
    )
    assert done.out == "provider/x\n"
    assert b"sk-canary" not in routerctl.db.read_bytes()


def test_it_is_shown_where_there_is_no_store(routerctl: Routerctl) -> None:
    out = routerctl.ok("provider", "add", "s", "--type", "simulator", "--dry-run")
    assert out.endswith("provider/s created (dry run)\n")
    assert not routerctl.db.exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "say NAME and --type TYPE, or --template"),
        (["x"], 2, "say NAME and --type TYPE"),
        (["x", "--type", "olama"], 2, 'no provider type "olama"'),
        (["--template", "opnai"], 3, "did you mean openai?"),
        (["x", "--type", "openai-compatible"], 3, "baseURL"),
        (["x", "--type", "ollama", "--set", "apiKey=sk-canary"], 3, "is a secret, and no argument"),
        (["x", "--type", "ollama", "--set", "keepalive=1m"], 3, "did you mean keepAlive?"),
        (["x", "--template", "simulator", "--model", "a", "--model", "a"], 2, "write each once"),
    ],
)
def test_what_can_not_be(routerctl: Routerctl, words: list[str], code: int, said: str) -> None:
    done = routerctl("provider", "add", *words)
    assert (done.code, said in done.err, "sk-canary" in done.err) == (code, True, False)


def test_one_that_is_there(routerctl: Routerctl) -> None:
    routerctl.ok("provider", "add", "--template", "simulator")
    done = routerctl("provider", "add", "--template", "simulator")
    assert (done.code, "Provider/simulator is there already" in done.err) == (4, True)


def test_at_a_terminal_it_asks(routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = "groq\n\n\n\ntype\ngsk-canary\n5\nllama, small=llama-8b\nsmall\ny\n"
    done = answered(routerctl, monkeypatch, answers=answers)
    assert (done.code, "gsk-canary" in done.out + done.err) == (0, False)
    assert "Make Provider groq of type openai-compatible, with llama, small?" in done.err
    assert routerctl("get", "provider/groq", "-o", "json").json()["spec"]["priority"] == 5
    binding = routerctl("get", "binding/small-groq", "-o", "json").json()["spec"]
    assert (binding["upstreamModel"], binding["default"]) == ("llama-8b", True)


def test_a_no_does_nothing(routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = "other\nsimulator\nmine\n\n\n\nn\n"
    done = answered(routerctl, monkeypatch, answers=answers)
    assert (done.code, "nothing was done" in done.err) == (2, True)
    assert not routerctl.db.exists()


def test_into_manifests(routerctl: Routerctl) -> None:
    folder = routerctl.manifests
    out = routerctl.ok("provider", "add", "--template", "simulator", "--model", "m", "--save", folder)
    assert [line.split()[0:2] for line in out.splitlines()] == [
        ["created", "bindings/m-simulator.yaml"],
        ["created", "models/m.yaml"],
        ["created", "providers/simulator.yaml"],
    ]
    assert not routerctl.db.exists()
    assert "3 resources in 3 files: valid." in routerctl.ok("validate", "-f", folder, "--closed")
