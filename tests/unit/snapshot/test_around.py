from pathlib import Path

from fakes.programs import ENVIRON, script

from reconciler.json_types import JsonObject
from reconciler.provider_types.catalog import PROVIDER_TYPES
from reconciler.settings import Reach
from reconciler.snapshot.around import around_of, files_read


def test_what_is_read_and_run_beside_a_config(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_text("PEM")
    config: JsonObject = {"tls": {"caFile": str(ca)}}
    assert files_read(config) == (str(ca),)
    found = around_of(PROVIDER_TYPES["openai-compatible"], config, Reach(file_folders=(str(tmp_path),)), {})
    assert (found.marks(), found.program) == ({"tls.caFile": "PEM"}, None)
    assert found.tls({}, {}) is None


def test_a_program_is_told_from_another_by_its_environment(tmp_path: Path) -> None:
    tool = script(tmp_path, "tool", "cat")
    reach = Reach(executables=(str(tool),))
    found = around_of(PROVIDER_TYPES["cli"], {"executable": str(tool)}, reach, ENVIRON)
    assert found.program is not None
    assert found.marks()["environment.HOME"] == "/nowhere"
