import errno
import fcntl
import hmac
import os
import pickle
import re
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from reconciler.errors import Conflict, SecretError
from reconciler.secrets.keys import (
    Keyring,
    MasterKey,
    generate_key_file,
    load_keyring,
    locked_key_file,
    read_key_file,
)

OLD = MasterKey(bytes(range(32)))
NEW = MasterKey(bytes(range(32, 64)))


def key_file(path: Path, *keys: MasterKey, mode: int = 0o600) -> Path:
    path.write_text("\n".join(key.text() for key in keys) + "\n")
    path.chmod(mode)
    return path


def test_a_key_is_written_as_fernet_writes_keys() -> None:
    text = Fernet.generate_key().decode()
    assert MasterKey.parse(text).text() == text


def test_an_id_is_derived_and_tells_nothing() -> None:
    assert re.fullmatch("[0-9a-f]{16}", OLD.id)
    assert OLD.id != NEW.id
    assert OLD.id == MasterKey.parse(OLD.text()).id
    assert OLD.id not in bytes(range(32)).hex()


def test_derivation_is_hkdf_of_rfc_5869() -> None:
    """Spelled out with HMAC: what was sealed yesterday must open tomorrow, whatever library derives."""
    extracted = hmac.digest(bytes(32), bytes(range(32)), "sha256")
    assert OLD.derive(b"a use") == hmac.digest(extracted, b"a use\x01", "sha256")
    assert OLD.id == hmac.digest(extracted, b"routerctl key id\x01", "sha256")[:8].hex()


def test_each_use_has_its_own_key() -> None:
    assert OLD.derive(b"one") != OLD.derive(b"two")
    assert OLD.derive(b"one") != NEW.derive(b"one")
    assert len(OLD.derive(b"one")) == 32


def test_keys_differ() -> None:
    assert MasterKey.generate().id != MasterKey.generate().id


@pytest.mark.parametrize(
    "text", ["short", "x" * 44, "é" * 44, OLD.text()[:-1], OLD.text() + "=", "!" + OLD.text()[1:], "AAAA"]
)
def test_a_malformed_key_is_refused_without_echo(text: str) -> None:
    with pytest.raises(SecretError) as caught:
        MasterKey.parse(text)
    assert text not in str(caught.value)
    assert caught.value.__cause__ is None
    assert "32 bytes" in str(caught.value)


def test_keys_are_never_shown_or_pickled() -> None:
    ring = Keyring([NEW, OLD])
    assert repr(NEW) == f"<MasterKey {NEW.id}>"
    assert repr(ring) == f"<Keyring {NEW.id}, {OLD.id}>"
    with pytest.raises(TypeError, match="can't be serialised"):
        pickle.dumps(NEW)
    with pytest.raises(TypeError, match="can't be serialised"):
        pickle.dumps(ring)


def test_a_keyring_holds_the_newest_first() -> None:
    ring = Keyring.parse(f" {NEW.text()} ,{OLD.text()},\n{NEW.text()}\n")
    assert ring.ids == (NEW.id, OLD.id)
    assert ring.current.id == NEW.id
    found = ring.get(OLD.id)
    assert found is not None
    assert found.text() == OLD.text()
    assert ring.get("none") is None


def test_a_keyring_without_keys() -> None:
    with pytest.raises(SecretError, match="no encryption key"):
        Keyring.parse(" , ")


def test_the_variable_comes_first(tmp_path: Path) -> None:
    default = key_file(tmp_path / "default", OLD)
    other = key_file(tmp_path / "other", OLD)
    environ = {
        "ROUTERCTL_ENCRYPTION_KEY": f"{NEW.text()},{OLD.text()}",
        "ROUTERCTL_ENCRYPTION_KEY_FILE": str(other),
    }
    ring = load_keyring(environ, default)
    assert ring is not None
    assert ring.ids == (NEW.id, OLD.id)


def test_the_named_file_comes_second(tmp_path: Path) -> None:
    default = key_file(tmp_path / "default", OLD)
    other = key_file(tmp_path / "other", NEW, OLD)
    ring = load_keyring({"ROUTERCTL_ENCRYPTION_KEY_FILE": str(other)}, default)
    assert ring is not None
    assert ring.ids == (NEW.id, OLD.id)


def test_a_program_comes_before_the_default_file(tmp_path: Path) -> None:
    default = key_file(tmp_path / "default", OLD)
    environ = {"ROUTERCTL_ENCRYPTION_KEY_COMMAND": f"echo {NEW.text()}"}
    ring = load_keyring(environ, default)
    assert ring is not None
    assert ring.ids == (NEW.id,)
    with pytest.raises(SecretError, match=r"KEY_COMMAND: what the program printed: .* malformed") as caught:
        load_keyring({"ROUTERCTL_ENCRYPTION_KEY_COMMAND": "echo canary"}, default)
    assert "canary" not in str(caught.value)
    with pytest.raises(SecretError, match="KEY_COMMAND: false ended with code 1"):
        load_keyring({"ROUTERCTL_ENCRYPTION_KEY_COMMAND": "false"}, default)


def test_the_default_file_comes_last(tmp_path: Path) -> None:
    default = tmp_path / "default"
    assert load_keyring({}, default) is None
    key_file(default, OLD)
    ring = load_keyring({}, default)
    assert ring is not None
    assert ring.ids == (OLD.id,)


@pytest.mark.parametrize(
    "environ",
    [
        {"ROUTERCTL_ENCRYPTION_KEY": ""},
        {"ROUTERCTL_ENCRYPTION_KEY": "canary"},
        {"ROUTERCTL_ENCRYPTION_KEY_FILE": ""},
        {"ROUTERCTL_ENCRYPTION_KEY_FILE": "/nowhere/key"},
        {"ROUTERCTL_ENCRYPTION_KEY_FILE": "/nowhere\0key"},
    ],
)
def test_what_is_named_must_hold(tmp_path: Path, environ: dict[str, str]) -> None:
    default = key_file(tmp_path / "default", OLD)
    with pytest.raises(SecretError, match=r"ROUTERCTL_ENCRYPTION_KEY|key file /nowhere") as caught:
        load_keyring(environ, default)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o620, 0o601, 0o666])
def test_a_key_file_is_its_owners_alone(tmp_path: Path, mode: int) -> None:
    path = key_file(tmp_path / "key", OLD, mode=mode)
    with pytest.raises(SecretError) as caught:
        read_key_file(path)
    assert caught.value.hint == f"chmod 600 {path}"


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_key_file_of_its_owner_is_read(tmp_path: Path, mode: int) -> None:
    assert read_key_file(key_file(tmp_path / "key", OLD, mode=mode)).ids == (OLD.id,)


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_a_key_file_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    path = key_file(tmp_path / "key", OLD, mode=mode)
    user = os.geteuid()
    if user == 0:
        os.chown(path, 54321, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    with pytest.raises(SecretError, match="belongs to another user") as caught:
        read_key_file(path)
    assert caught.value.hint == f"let it be yours: chown {os.geteuid()} {path}"


def test_a_key_file_of_root_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = key_file(tmp_path / "key", OLD)
    if os.geteuid() != 0:
        pytest.skip("only root can make one")
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    assert read_key_file(path).ids == (OLD.id,)


def test_a_key_file_is_a_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(SecretError, match="is not a file"):
            read_key_file(path)


@pytest.mark.parametrize("content", [b"", b"canary", b"\xff\xfe canary", b"canary\n" * 20_000])
def test_a_key_file_without_keys_is_refused_without_echo(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SecretError, match=re.escape(str(path))) as caught:
        read_key_file(path)
    assert "canary" not in str(caught.value)


def test_a_dangling_default_is_not_taken_for_none(tmp_path: Path) -> None:
    (tmp_path / "key").symlink_to("gone")
    with pytest.raises(SecretError, match="no such file"):
        load_keyring({}, tmp_path / "key")


def test_a_new_key_file(tmp_path: Path) -> None:
    path = tmp_path / "state" / "deeper" / "key"
    old_mask = os.umask(0)
    try:
        key = generate_key_file(path)
    finally:
        os.umask(old_mask)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert read_key_file(path).ids == (key.id,)
    assert [entry.name for entry in path.parent.iterdir()] == ["key"]


def test_a_key_file_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "key"
    key = generate_key_file(path)
    with pytest.raises(SecretError, match="exists already"):
        generate_key_file(path)
    assert read_key_file(path).ids == (key.id,)
    assert [entry.name for entry in tmp_path.iterdir()] == ["key"]


def replace_key_file(path: Path, before: Keyring, after: Keyring) -> None:
    with locked_key_file(path) as file:
        file.replace(before, after)


def test_what_a_dead_process_left_is_cleared(tmp_path: Path) -> None:
    path = tmp_path / "key"
    key = generate_key_file(path)
    (tmp_path / ".key.a1b2.new").write_text("half")
    (tmp_path / ".other.a1b2.new").write_text("somebody else's")
    replace_key_file(path, Keyring([key]), Keyring([NEW, key]))
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [".other.a1b2.new", "key"]


def test_a_key_file_is_one_rotations_at_a_time(tmp_path: Path) -> None:
    path, link = tmp_path / "key", tmp_path / "elsewhere" / "link"
    link.parent.mkdir()
    link.symlink_to(path)
    busy = pytest.raises(Conflict, match=r"another rotation of a key in .* is under way")
    with locked_key_file(path), busy, locked_key_file(link):
        pytest.fail("two at once")
    with locked_key_file(link) as file:
        assert file.path == link
    assert not [*tmp_path.glob("*lock*")]


def test_a_key_file_that_can_not_be_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_arguments: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    with (
        pytest.raises(SecretError, match="can't be locked: no such file"),
        locked_key_file(tmp_path / "a" / "key"),
    ):
        pytest.fail("no folder")
    monkeypatch.setattr(fcntl, "flock", none)
    with (
        pytest.raises(SecretError, match="can't be locked: no locks available"),
        locked_key_file(tmp_path / "key"),
    ):
        pytest.fail("no lock")


def test_a_key_file_that_can_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SecretError, match="can't be written: not a directory"):
        generate_key_file(tmp_path / "file" / "deeper" / "key")
    with pytest.raises(SecretError, match="can't be written: file exists"):
        generate_key_file(tmp_path / "file" / "key")


def test_a_key_file_is_replaced_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "key"
    key = generate_key_file(path)
    link = tmp_path / "link"
    link.symlink_to(path)
    before, after = Keyring([key]), Keyring([NEW, key])
    replace_key_file(link, before, after)
    assert link.is_symlink()
    assert read_key_file(path).ids == (NEW.id, key.id)
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["key", "link"]


def test_what_somebody_else_changed_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "key"
    key = generate_key_file(path)
    with pytest.raises(SecretError, match="changed meanwhile"):
        replace_key_file(path, Keyring([OLD]), Keyring([NEW, OLD]))
    assert read_key_file(path).ids == (key.id,)


def test_a_key_file_that_can_not_be_replaced_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key"
    key = generate_key_file(path)

    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SecretError, match="can't be written: no space left"):
        replace_key_file(path, Keyring([key]), Keyring([NEW, key]))
    assert read_key_file(path).ids == (key.id,)
    assert [entry.name for entry in tmp_path.iterdir()] == ["key"]
