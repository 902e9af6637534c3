"""kill -9 within a rotation of the key: every value opens with the keys in the file, and the same command goes on."""

import json
from pathlib import Path

import pytest
from fakes.command_processes import Conditions, start
from fakes.running import routerctl, said

from reconciler.bootstrap.ciphers import load_cipher
from reconciler.control.vault_record import verify_vault
from reconciler.store.failpoints import FailpointName
from reconciler.store.reader import Reader
from reconciler.store.url import parse

pytestmark = pytest.mark.slow

VALUES = {f"K{number}": {"value": f"sk-{number}"} for number in range(110)}  # three transactions
PLACES: tuple[FailpointName, ...] = ("after-seals", "after-commit")


@pytest.mark.parametrize("place", PLACES)
def test_what_a_killed_rotation_leaves_opens_and_is_ended_by_the_next(
    tmp_path: Path, place: FailpointName
) -> None:
    db, manifest = tmp_path / "store.db", tmp_path / "secret.yaml"
    manifest.write_text(
        json.dumps(
            {
                "apiVersion": "routerctl.dev/v1",
                "kind": "Secret",
                "metadata": {"name": "s"},
                "spec": {"data": VALUES},
            }
        )
    )
    routerctl(db, "apply", "-f", str(manifest))
    location = parse(str(db))
    for killed in (True, True, False):
        command = start(db, "secret", "rotate-key", conditions=Conditions(place if killed else None))
        assert command.ended() == (-9 if killed else 0)
        with Reader(db) as reader:
            cipher = load_cipher(location, {}, reader)
            assert cipher is not None
            assert verify_vault(reader, cipher).problems == ()
            assert verify_vault(reader, cipher).opened == len(VALUES)
            assert len(cipher.key_ids) == 2
    routerctl(db, "secret", "rotate-key", "--drop-old")
    assert said(db, "diff", "-f", str(manifest)).code == 0
