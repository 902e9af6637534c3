"""docs/reference/python.md and examples/python: they say what is so, and run."""

import inspect
import re
import runpy
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from reconciler.library import manifests, router, servers, stores, values

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "python.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "examples" / "python" / "manage_router.py"
ROWS = dict(re.findall(r"^\| `(\w+)\((.*?)\)` \|", PAGE, re.MULTILINE))
FILES = ROOT / "examples" / "ollama"


def public() -> dict[str, Callable[..., object]]:
    methods = {name: each for name, each in vars(router.Router).items() if not name.startswith("_")}
    return {**methods, "open_store": stores.open_store, "connect": servers.connect, "load": manifests.load}


def test_every_function_is_told_with_its_parameters() -> None:
    def parameters(function: Callable[..., object]) -> str:
        signature = inspect.signature(function)
        told = [
            each.replace(annotation=inspect.Parameter.empty)
            for each in signature.parameters.values()
            if each.name != "self"
        ]
        text = str(inspect.Signature(told)).removeprefix("(").removesuffix(")")
        return text.replace("'", '"')

    assert {name: parameters(each) for name, each in public().items()} == ROWS


@pytest.mark.parametrize("value", ["Plan", "Change", "Field", "Written", "Object", "Migrated"])
def test_every_value_is_told_with_its_fields(value: str) -> None:
    (row,) = re.findall(rf"^\| `{value}` \| (.*) \|$", PAGE, re.MULTILINE)
    names = [each.name for each in fields(getattr(values, value))]
    assert [word for word in re.findall(r"`(\w+)`", row) if word in names] == names


def test_the_page_begins_with_what_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "a.yaml").write_bytes(next(FILES.glob("*.yaml")).read_bytes())
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(code, "python.md", "exec"), names)
    with stores.open_store("router.db") as made:
        assert [each.number for each in made.history()] == [3, 2, 1]


def test_the_example_does_what_it_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main = runpy.run_path(str(EXAMPLE))["main"]
    assert main(str(tmp_path / "r.db"), str(FILES)) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-5:] == [
        "revision 1",
        "enabled: desk, qwen-cloud",
        "revision 5",
        "enabled: desk, my-service, qwen-cloud",
        "back at 6",
    ]
    assert main(str(tmp_path / "r.db"), str(tmp_path / "none")) == 3
