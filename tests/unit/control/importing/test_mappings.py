from pathlib import Path

import pytest
from fakes.importing import DATA

from reconciler.control.importing.detecting import NotKnown
from reconciler.control.importing.mappings import read_mapping
from reconciler.control.manifest.foreign_yaml import read_foreign


@pytest.mark.parametrize("name", ["litellm.yaml", "llama-swap.yaml", "models.yaml", "oxide.yaml"])
def test_each_is_what_it_is(name: str) -> None:
    data = read_foreign((DATA / name).read_bytes(), name)
    found = read_mapping(DATA / name, data, "auto", {}, "default")
    assert found.forms[0].startswith(str(DATA / name))
    with pytest.raises(NotKnown):
        read_mapping(Path("x"), {"a": 1}, "auto", {}, "default")
