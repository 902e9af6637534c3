from pathlib import Path

from reconciler.control.imperative.creation import new
from reconciler.control.imperative.saver import Saver
from reconciler.control.manifest.round_trip.folder import Manifests
from reconciler.resources.resource import ResourceKey
from reconciler.secrets.cipher import Cipher
from reconciler.secrets.keys import Keyring, MasterKey

KEY = ResourceKey("Provider", "default", "p")


def test_manifest_and_store_get_the_same_sealed_text(tmp_path: Path) -> None:
    cipher = Cipher(Keyring([MasterKey(b"k" * 32)]))
    spec = new(KEY, {"type": "ollama", "config": {"apiKey": "sk-canary"}})
    saver = Saver({KEY: spec}, lambda: cipher.public_key)
    saver.plan(Manifests(tmp_path, (), ()), {})
    (file,) = saver.planned.changes
    text = (file.after or b"").decode()
    assert (file.name, "sk-canary" in text, "sealed: s1-" in text) == ("providers/p.yaml", False, True)
    saver.write()
    assert (tmp_path / file.name).read_text() == text
    rewrite = saver.rewrites[KEY]
    assert rewrite is not None
    assert str(getattr(rewrite, "make")()["spec"]["config"]["apiKey"]["sealed"]) in text  # noqa: B009  a Creation, as new gives it
