"""The rest is shown by tests/unit/cli/commands/test_import_.py."""

from pathlib import Path

import pytest

from reconciler.cli.import_targets import folder_plan
from reconciler.control.importing.env import import_env
from reconciler.errors import InvalidInput
from reconciler.secrets.cipher import Cipher
from reconciler.secrets.keys import Keyring, MasterKey

FOUND = import_env("QWEN_API_KEY=sk-1\nLM_STUDIO_BASE_URL=http://x", "f")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    with pytest.raises(InvalidInput, match="not a folder"):
        folder_plan(tmp_path / "x", FOUND, None, None)


def test_what_can_not_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "providers" / "lm-studio-default.yaml").mkdir(parents=True)
    with pytest.raises(InvalidInput, match="can't be read"):
        folder_plan(tmp_path, FOUND, None, None)


def test_a_file_that_is_no_yaml_has_no_earlier_value(tmp_path: Path) -> None:
    cipher = Cipher(Keyring([MasterKey.generate()]))
    plan, _ = folder_plan(tmp_path, FOUND, cipher.public_key, cipher)
    for change in plan.changes:
        path = tmp_path / change.name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(change.after or b"")
    assert folder_plan(tmp_path, FOUND, cipher.public_key, cipher)[0].changes == ()
    (tmp_path / "providers" / "dashscope-default.yaml").write_bytes(b"a: [")
    with pytest.raises(Exception, match="no import wrote"):
        folder_plan(tmp_path, FOUND, cipher.public_key, cipher)
