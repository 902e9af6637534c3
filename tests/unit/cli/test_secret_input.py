from pathlib import Path

import click
import pytest

from reconciler.cli.secret_input import cipher_at_hand, place_given, public_key_for
from reconciler.cli.session import Session
from reconciler.errors import InvalidInput, SecretError
from reconciler.resources.resource import ResourceKey
from reconciler.secrets.cipher import Cipher
from reconciler.secrets.keys import Keyring, MasterKey

CIPHER = Cipher(Keyring([MasterKey(bytes(32))]))


def session(tmp_path: Path, **environ: str) -> Session:
    return Session(environ, str(tmp_path / "store.db"), "team")


def test_a_place_is_a_secrets_key_or_any_field_for_a_secret(tmp_path: Path) -> None:
    here = session(tmp_path)
    keys = ResourceKey("Secret", "team", "keys")
    assert place_given(here, "keys", "A.b", None) == (keys, ("data", "A.b"))
    assert place_given(here, None, None, "secret/keys:spec.data.A.b") == (keys, ("data", "A.b"))
    far = ResourceKey("Provider", "team", "far")
    assert place_given(here, None, None, "provider/far:spec.config.apiKey") == (far, ("config", "apiKey"))
    assert place_given(here, None, None, "provider/far:spec.config.tls.key")[1] == ("config", "tls", "key")


@pytest.mark.parametrize(
    "place",
    [
        "provider/far",
        "provider/far:",
        "provider/far:config.apiKey",
        "provider/far:spec",
        "provider/far:spec.config",
        "provider/far:spec.config.baseURL",
        "model/m:spec.displayName",
        "secret/keys:spec.data",
        "secret/keys:spec.data.",
    ],
)
def test_what_is_no_field_for_a_secret(tmp_path: Path, place: str) -> None:
    with pytest.raises(InvalidInput, match="no field for a secret"):
        place_given(session(tmp_path), None, None, place)


def test_one_way_to_say_the_place(tmp_path: Path) -> None:
    here = session(tmp_path)
    for name, key, place in (
        ("keys", None, None),
        (None, "K", None),
        (None, None, None),
        ("keys", None, "x"),
        (None, "K", "x"),
    ):
        with pytest.raises(click.UsageError):
            place_given(here, name, key, place)


def test_the_public_key_is_that_of_the_file_or_of_the_key_at_hand(tmp_path: Path) -> None:
    key = MasterKey(bytes(32)).text()
    file = tmp_path / "router.pub"
    file.write_text(f"{CIPHER.public_key.text()}\n")
    without = session(tmp_path)
    assert public_key_for(without, file).id == CIPHER.public_key.id
    assert public_key_for(session(tmp_path, ROUTERCTL_ENCRYPTION_KEY=key), None).id == CIPHER.public_key.id
    with pytest.raises(SecretError, match="no encryption key here") as missing:
        cipher_at_hand(without)
    assert missing.value.command == f"secret keygen --out {tmp_path / 'store.key'}"
    with pytest.raises(SecretError) as sealing:
        public_key_for(without, None)
    assert "--public-key" in (sealing.value.hint or "")
    with pytest.raises(InvalidInput) as gone:
        public_key_for(without, tmp_path / "gone")
    assert gone.value.message == f"{tmp_path / 'gone'} can't be read: no such file or directory"
    file.write_text(key)
    with pytest.raises(InvalidInput, match=r"router\.pub: this is no public key") as refused:
        public_key_for(without, file)
    assert key not in str(refused.value)
