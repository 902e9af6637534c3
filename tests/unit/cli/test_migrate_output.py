import io
import sys
from pathlib import Path

import pytest
from fakes.importing import key

from reconciler.cli import migrate_output
from reconciler.cli.migrate_output import DONE, NOTE, ODD, Steps
from reconciler.control.importing.comparing import Compared, Verdict
from reconciler.control.importing.env import import_env
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.llama_swap import import_llama_swap
from reconciler.control.importing.oxide_sources import import_oxide
from reconciler.json_types import JsonObject

FOUND = import_env("LM_STUDIO_BASE_URL=http://x\nLM_STUDIO_DEFAULT_MODEL=m\nQWEN_API_KEY=sk-1\nPORT=1", "f")


@pytest.mark.parametrize(("encoding", "mark"), [("utf-8", "✓"), ("ascii", "+")])
def test_marks_are_what_the_terminal_has(monkeypatch: pytest.MonkeyPatch, encoding: str, mark: str) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding, write_through=True))
    steps = Steps()
    steps.step("Found", [(DONE, "a\x1b[2J")])
    steps.step("Nothing", [])
    steps.text("end")
    assert raw.getvalue().decode(encoding).startswith(f"Found:\n  {mark} a")
    assert b"\x1b" not in raw.getvalue()
    assert raw.getvalue().endswith(b"\n\nend\n")


def test_nothing_is_shown_to_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    Steps(shown=False).step("Found", [(DONE, "a")])
    assert capsys.readouterr().out == ""


def test_many_of_a_kind_are_counted() -> None:
    text = "\n".join(f"QWEN_X{n}=1" for n in range(3)) + "\nLM_STUDIO_BASE_URL=http://x\nMODEL_MAPPINGS="
    text += ",".join(f"m{n}:lm-studio" for n in range(20))
    told = dict(migrate_output.told_of(import_env(text, "f")))
    assert told["Models"][-1] == (NOTE, "and 8 more")
    assert told["Routes"] == []
    assert told["Settings"] == [(DONE, "active provider lm-studio-default")]


def test_secrets_are_named_and_never_shown() -> None:
    (item,) = migrate_output.secret_items(FOUND, {"f": True})
    assert item == (ODD, "QWEN_API_KEY of f, which is in git's history")
    assert dict(migrate_output.losses_of(FOUND)).keys() == {"Not carried over of f"}


def test_what_differs_is_told_one_by_one() -> None:
    same = Compared("f", "A", key("Model", "m"), "spec.x", Verdict.SAME)
    other = Compared("f", "B", key("Model", "m"), "spec.y", Verdict.MISSING)
    assert migrate_output.verified_item([same]) == [(DONE, "1 point: 1 same")]
    assert migrate_output.verified_item([same, other])[1] == (ODD, "missing: f: B -> Model/m spec.y")
    assert migrate_output.verified_item([]) == [(DONE, "0 points: nothing")]
    assert migrate_output.compared_data([same]) == {
        "points": 1,
        "same": 1,
        "different": 0,
        "missing": 0,
        "unknown": 0,
    }


def test_next_steps_are_those_of_where_it_went() -> None:
    files = "\n".join(migrate_output.next_steps("routerctl", FOUND, Path("a b"), seal=False))
    assert "1. Set these variables where routerctl serves: QWEN_API_KEY" in files
    assert "up -f 'a b'" in files
    store = "\n".join(migrate_output.next_steps("routerctl --db x", FOUND, None, seal=False))
    assert "Set these variables" not in store
    assert "routerctl --db x serve" in store
    assert len(migrate_output.next_steps("routerctl", Findings(), None, seal=False)) == 2
    there = "\n".join(migrate_output.next_steps("routerctl", FOUND, Path("m"), seal=False, remote=True))
    assert "Apply it: routerctl apply -f m" in there
    assert "Serve it" not in there


def test_what_the_process_must_allow_stands_in_the_command() -> None:
    services: JsonObject = {
        "a": {"type": "cli", "executable": "gemini"},
        "b": {"type": "cli", "executable": "/opt/my tools/x"},
    }
    found = import_oxide({"services": services}, "o")
    told = "\n".join(migrate_output.next_steps("routerctl", found, None, seal=False))
    assert """serve --allow-exec "$(command -v gemini)" --allow-exec '/opt/my tools/x'""" in told
    told = "\n".join(migrate_output.next_steps("routerctl", found, None, seal=False, remote=True))
    assert "Where the store is, serve it with --allow-exec" in told
    odd: JsonObject = {"peers": {"p": {"proxy": "http://x", "apiKey": "${env.MINE}", "models": ["m"]}}}
    told = "\n".join(
        migrate_output.next_steps("routerctl", import_llama_swap(odd, "l"), Path("m"), seal=True)
    )
    assert "up -f m --allow-env MINE" in told
