import json
from pathlib import Path

from fakes.kept import plan
from fakes.workshop import Workshop, remote
from jsonschema import Draft202012Validator

from reconciler.control.plan.artefact import write
from reconciler.control.plan.artefact_form import FILE_NAME, FORMAT, schema

SCHEMA = json.loads(schema())
STORED = Path(__file__).parents[4] / "schemas" / FILE_NAME


def test_the_schema_in_the_repository_is_the_one_of_the_form() -> None:
    assert STORED.read_text(encoding="utf-8") == schema(), "run make schemas"


def test_the_schema_takes_what_is_written(tmp_path: Path) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    shop = Workshop(tmp_path)
    shop.write("a.yaml", remote(apiKey="sk-canary"))
    document = json.loads(write(plan(shop)))
    assert document["format"] == FORMAT
    validator = Draft202012Validator(SCHEMA)
    assert validator.is_valid(document)
    assert not validator.is_valid({**document, "zzz": 1})
    shop.close()
