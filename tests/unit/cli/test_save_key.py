from pathlib import Path

import pytest
from fakes.command import Routerctl, manifest
from fakes.managed import Managed

from reconciler.cli.save_key import public_key_to_save
from reconciler.cli.save_options import Saving
from reconciler.cli.session import Session
from reconciler.errors import SecretError
from reconciler.json_types import JsonObject


def test_a_servers_is_asked_of_it(managed: Managed) -> None:
    managed.there("provider", "add", "s", "--type", "simulator")
    done = managed.there("secret", "set", "keys", "K", stdin="canary-one")
    assert done.code == 0, done.err
    key = managed.there("secret", "public-key", token=managed.token("viewer")).out
    assert key == managed.here("secret", "public-key").out
    sealed = managed.there("secret", "seal", "--name", "keys", "--key", "K", stdin="canary-two")
    assert sealed.out.startswith("s1-"), sealed.err
    file = managed.routerctl.folder / "sealed.yaml"
    data: JsonObject = {"data": {"K": {"sealed": sealed.out.strip()}}}
    file.write_text(manifest("Secret", "keys", data))
    assert managed.here("apply", "-f", file, "--force-conflicts").code == 0
    assert "canary-two" in managed.here("export", "--show-secrets", "--yes").out


def test_a_store_that_holds_nothing_sealed_gets_a_key_with_what_is_stored(
    routerctl: Routerctl, tmp_path: Path
) -> None:
    session = Session({}, str(routerctl.db))
    with pytest.raises(SecretError, match="there is no encryption key here"):
        public_key_to_save(session, Saving("d"))
    routerctl.ok("provider", "add", "s", "--type", "simulator")
    made = public_key_to_save(session, Saving("d", apply=True))
    assert public_key_to_save(session, Saving("d")).text() == made.text()
    (tmp_path / "key.pub").write_text(made.text())
    assert public_key_to_save(session, Saving("d", public_key=tmp_path / "key.pub")).text() == made.text()
