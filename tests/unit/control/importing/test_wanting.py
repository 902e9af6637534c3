import pytest
from fakes.importing import DATA, key

from reconciler.control.importing.env import import_env
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.wanting import wanted_of_findings
from reconciler.control.manifest.document import InvalidManifests
from reconciler.resources.resource import Resource


def test_apply_gets_the_values_themselves() -> None:
    wanted = wanted_of_findings(import_env((DATA / "router.env").read_text(encoding="utf-8"), "f"))
    config = wanted.declared[key("Provider", "dashscope-default")].resource.spec["config"]
    assert isinstance(config, dict)
    assert config["apiKey"] == "sk-5f0c1e2d3b4a59687786950a1b2c3d4e"
    assert wanted.manager.startswith("cli:")
    assert "sk-5f0c" not in repr(wanted.declared[key("Provider", "dashscope-default")].document)


def test_what_is_wrong_is_not_applied() -> None:
    with pytest.raises(InvalidManifests):
        wanted_of_findings(Findings(resources=(Resource(key("Provider", "p"), {"type": "nothing"}),)))
