"""Master keys: where they come from, and what is derived from them.

A master key is 32 random bytes, written as Fernet writes keys (URL-safe base64). It seals nothing itself: each use has
a key of its own, derived with HKDF-SHA256 (RFC 5869) under a text that names the use. Key ids are derived as well, so
they tell nothing of the key.
"""

import base64
import binascii
import fcntl
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from reconciler.errors import Conflict, SecretError
from reconciler.secrets.files import NotRegularError, check_private, read_regular
from reconciler.secrets.key_command import key_text
from reconciler.settings import KEY, KEY_COMMAND, KEY_FILE

_UNFINISHED = ".new"
_KEY_BYTES = 32
_ID_BYTES = 8
_LARGEST_KEY_FILE = 64 * 1024
_BETWEEN_KEYS = re.compile(r"[,\s]+")
_FORM = "a key is 32 bytes as URL-safe base64, 44 characters"


@final
class MasterKey:
    """One master key; shows its id only."""

    __slots__ = ("_bytes", "id")

    def __init__(self, key: bytes) -> None:
        if len(key) != _KEY_BYTES:
            raise SecretError("an encryption key has the wrong length", hint=_FORM)
        self._bytes = key
        self.id = self.derive(b"routerctl key id", length=_ID_BYTES).hex()

    @classmethod
    def generate(cls) -> "MasterKey":
        return cls(os.urandom(_KEY_BYTES))

    @classmethod
    def parse(cls, text: str) -> "MasterKey":
        """Raises SecretError, which repeats nothing of `text`."""
        try:
            return cls(base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True))
        except (binascii.Error, UnicodeEncodeError):
            raise SecretError("an encryption key is malformed", hint=_FORM) from None

    def derive(self, use: bytes, *, length: int = _KEY_BYTES) -> bytes:
        """The key for one use. Uses that differ give keys that have nothing in common."""
        return HKDF(algorithm=SHA256(), length=length, salt=None, info=use).derive(self._bytes)

    def text(self) -> str:
        """The key itself, in the form that `parse` takes."""
        return base64.urlsafe_b64encode(self._bytes).decode("ascii")

    def __repr__(self) -> str:
        return f"<MasterKey {self.id}>"

    def __reduce_ex__(self, protocol: object) -> str:
        raise TypeError("a key can't be serialised")


class Keyring:
    """One or more keys: the first seals, all of them open."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Iterable[MasterKey]) -> None:
        self._keys = {key.id: key for key in keys}
        if not self._keys:
            raise SecretError("there is no encryption key", hint=_FORM)

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """Keys, newest first, between commas or white space. Raises SecretError."""
        return cls(MasterKey.parse(word) for word in _BETWEEN_KEYS.split(text.strip()) if word)

    @property
    def current(self) -> MasterKey:
        return next(iter(self._keys.values()))

    @property
    def keys(self) -> tuple[MasterKey, ...]:
        """Newest first."""
        return tuple(self._keys.values())

    @property
    def ids(self) -> tuple[str, ...]:
        """Newest first."""
        return tuple(self._keys)

    def get(self, key_id: str) -> MasterKey | None:
        return self._keys.get(key_id)

    def __repr__(self) -> str:
        return f"<Keyring {', '.join(self.ids)}>"


def load_keyring(environ: Mapping[str, str], default_file: Path) -> Keyring | None:
    """From the variable, else from the file or the program that another one names, else from `default_file`.

    None: nothing names a key and `default_file` is not there. What is named must hold: a key that is empty, missing or
    malformed raises SecretError, and no other place is tried.
    """
    if KEY in environ:
        return _parsed(environ[KEY], KEY)
    if KEY_FILE in environ:
        if not environ[KEY_FILE]:
            raise SecretError(f"{KEY_FILE} is empty", hint="unset it, or let it name a key file")
        return read_key_file(Path(environ[KEY_FILE]))
    if KEY_COMMAND in environ:
        return _parsed(key_text(environ[KEY_COMMAND], environ), f"{KEY_COMMAND}: what the program printed")
    if os.path.lexists(default_file):
        return read_key_file(default_file)
    return None


def _parsed(text: str, origin: str) -> Keyring:
    try:
        return Keyring.parse(text)
    except SecretError as exc:
        raise SecretError(f"{origin}: {exc.message}", hint=exc.hint) from None


def read_key_file(path: Path) -> Keyring:
    """Raises SecretError where the file is no regular file that this user or root owns and keeps to itself, or holds
    no keys. Who owns a file decides what stands in it.
    """
    try:
        status, content = read_regular(path, limit=_LARGEST_KEY_FILE, follow=True)
    except NotRegularError:
        raise SecretError(
            f"the key file {path} is not a file", hint="name a file that holds the key"
        ) from None
    except (OSError, ValueError) as exc:
        raise SecretError(f"the key file {path} can't be read: {_reason(exc)}") from None
    check_private(status, path)
    return _parsed(content.decode("ascii", "replace"), f"the key file {path}")


def generate_key_file(path: Path) -> MasterKey:
    """Writes a new key, whole or not at all, readable by its owner alone. Never replaces a file.

    The caller decides when: only for a store that holds nothing sealed. Raises SecretError.
    """
    key = MasterKey.generate()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _unfinished(path, [key]) as unfinished:
            try:
                path.hardlink_to(unfinished)  # fails where the name exists, and is never seen half written
            except FileExistsError:
                hint = "use it, or move it away"
                raise SecretError(f"the key file {path} exists already", hint=hint) from None
        _sync_folder(path.parent)
    except OSError as exc:
        raise _unwritable(path, exc) from None
    return key


class LockedKeyFile:
    """A key file that nobody else replaces meanwhile. `path`: as it was named."""

    __slots__ = ("_real", "path")

    def __init__(self, path: Path, real: Path) -> None:
        self.path, self._real = path, real

    def replace(self, before: Keyring, after: Keyring) -> None:
        """Puts `after` in place of `before`, whole or not at all. Raises SecretError, also where other keys stand there."""
        path = self._real
        if read_key_file(path).ids != before.ids:
            raise SecretError(f"the key file {path} was changed meanwhile", hint="run the command again")
        try:
            _clear_unfinished(path)
            owner = path.stat()
            with _unfinished(path, after.keys) as unfinished:
                if owner.st_uid != os.geteuid():
                    os.chown(unfinished, owner.st_uid, owner.st_gid)
                unfinished.replace(path)
            _sync_folder(path.parent)
        except OSError as exc:
            raise _unwritable(path, exc) from None


@contextmanager
def locked_key_file(path: Path) -> Iterator[LockedKeyFile]:
    """For one at a time, of all threads and processes of this machine. Raises Conflict for a second one.

    What is locked is the folder: the file itself is another one after each replacement, and a lock in a file of its own would
    have an owner, and stay behind. The lock of a process that dies ends with it.
    """
    real = Path(os.path.realpath(path))
    try:
        descriptor = os.open(real.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as exc:
        raise SecretError(f"the key file {real} can't be locked: {_reason(exc)}") from None
    try:
        _lock(descriptor, real)
        try:
            yield LockedKeyFile(path, real)
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # a process that was forked meanwhile would keep it
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Conflict(
            f"another rotation of a key in {path.parent} is under way",
            hint="wait until it has ended, and run the command again",
        ) from None
    except OSError as exc:
        raise SecretError(f"the key file {path} can't be locked: {_reason(exc)}") from None


@contextmanager
def _unfinished(path: Path, keys: Iterable[MasterKey]) -> Iterator[Path]:
    """A file beside `path` that holds the keys, readable by its owner alone; gone afterwards, where it is still there."""
    descriptor, name = tempfile.mkstemp(_UNFINISHED, f".{path.name}.", path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.writelines(f"{key.text()}\n" for key in keys)
            file.flush()
            os.fsync(descriptor)
        yield unfinished
    finally:
        unfinished.unlink(missing_ok=True)


def _clear_unfinished(path: Path) -> None:
    """What who died left: keys. Only under the lock, for others would be writing theirs."""
    for left in path.parent.iterdir():
        if left.name.startswith(f".{path.name}.") and left.name.endswith(_UNFINISHED):
            left.unlink(missing_ok=True)


def _unwritable(path: Path, exc: OSError) -> SecretError:
    return SecretError(f"the key file {path} can't be written: {_reason(exc)}")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(exc: OSError | ValueError) -> str:
    return exc.strerror.lower() if isinstance(exc, OSError) and exc.strerror else "not a usable path"
