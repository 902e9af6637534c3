import json
from pathlib import Path

import pytest
from fakes.command import Routerctl

from reconciler.control.kustomize.configuration import built_in_text
from reconciler.control.manifest.schema import schemas
from reconciler.control.plan.artefact_form import schema as plan_schema

SCHEMAS = schemas()


@pytest.mark.parametrize(
    ("words", "file"),
    [([], "routerctl.json"), (["provider"], "provider.json"), (["Bindings"], "binding.json")],
)
def test_a_schema_is_printed(routerctl: Routerctl, words: list[str], file: str) -> None:
    assert routerctl.ok("schema", *words) == SCHEMAS[file]


def test_all_are_written(routerctl: Routerctl, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "schemas"
    assert routerctl.ok("schema", "--dir", folder) == f"9 schemas written to {folder}\n"
    written = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert written == {**SCHEMAS, "plan.json": plan_schema(), "kustomizeconfig.yaml": built_in_text()}
    assert json.loads((folder / "model.json").read_text())["title"] == "Model"


def test_a_kind_that_there_is_not(routerctl: Routerctl) -> None:
    done = routerctl("schema", "zzz")
    assert (done.code, done.err) == (
        3, 'error: there is no kind "zzz"\n  one of Secret, Provider, Model, Binding, Route, Settings, ClientKey\n'
    )  # fmt: skip
