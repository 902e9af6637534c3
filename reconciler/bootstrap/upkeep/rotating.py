"""A new encryption key in front of the store's key file, and the end of the older ones.

Each step leaves a store whose every value opens with the keys in the file, so what was ended midway goes on by being asked again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.api.upkeep import Begun, Dropped, Rotated
from reconciler.bootstrap.ciphers import check_keys, no_key
from reconciler.bootstrap.reading import open_reader
from reconciler.bootstrap.writing import OpenStore, open_present_store
from reconciler.clock import Clock
from reconciler.control.rotation import need_lines, needs_of, rewrite_vault
from reconciler.errors import Refused
from reconciler.resources.principal import Principal
from reconciler.secrets.cipher import Cipher
from reconciler.secrets.keys import Keyring, MasterKey, load_keyring, replace_key_file
from reconciler.settings import key_file, key_file_beside
from reconciler.store import audit
from reconciler.store.url import StoreLocation

_ROTATES, _DROPS = "secret rotate-key", "secret rotate-key --drop-old"
_NOT_FROM_HERE = "the key comes from a variable or a program, which can't be changed from here"


@dataclass(frozen=True, slots=True)
class KeyRotation:
    location: StoreLocation
    environ: Mapping[str, str] = field(repr=False)
    clock: Clock
    who: Principal

    def rotate(self, noted: Callable[[Begun], None]) -> Rotated:
        """`noted` is told as soon as it is so."""
        keyring = self._keyring()
        with open_present_store(
            self.location, self.environ, self.clock, sealing=False, caller=self.who
        ) as store:
            keyring, begun = self._with_new_key(keyring, store)
            if begun is not None:
                noted(begun)
            cipher = Cipher(keyring)
            written = rewrite_vault(store.reader, store.writer, cipher)
            needs = needs_of(store.reader, cipher).texts
        return Rotated(keyring.current.id, written, len(keyring.ids) > 1, needs, begun)

    def drop(self, *, dry_run: bool) -> Dropped:
        """Raises Refused where something that is stored now needs one."""
        keyring, path = self._keyring(), self._file
        if path is None:
            raise Refused(
                _NOT_FROM_HERE,
                hint="take the older key away there; rotate-key without --drop-old tells what needs it",
            )
        gone = keyring.ids[1:]
        if not gone:
            return Dropped(path, keyring.current.id)
        with open_reader(self.location) as reader:
            needs = needs_of(reader, Cipher(keyring))
        if needs.vault:
            noun = "values" if needs.vault != 1 else "value"
            raise Refused(
                f"{needs.vault} {noun} of the vault still need an older key",
                hint="seal them again first",
                command=_ROTATES,
            )
        if needs.now:
            raise Refused(
                "\n".join(["what is stored now still needs an older key:", *need_lines(needs.now)]),
                hint="reseal the manifests that hold it, apply them, and run this again",
                command="secret reseal -f MANIFESTS",
            )
        if not dry_run:
            self._note(_DROPS, f"keys {', '.join(gone)}")
            replace_key_file(path, keyring, Keyring([keyring.current]))
        return Dropped(path, keyring.current.id, gone, len(needs.earlier))

    @property
    def _file(self) -> Path | None:
        return key_file(self.environ, self.location.config_path)

    def _keyring(self) -> Keyring:
        """Raises SecretError where there is none, or one of another store."""
        with open_reader(self.location) as reader:
            keyring = load_keyring(self.environ, key_file_beside(self.location.config_path))
            if keyring is None:
                raise no_key(self.location, reader.key_ids())
            check_keys(keyring, reader)
        return keyring

    def _with_new_key(self, keyring: Keyring, store: OpenStore) -> tuple[Keyring, Begun | None]:
        """The keys with a new one in front, in the file first; as they are where a rotation has not ended."""
        several, path = len(keyring.ids) > 1, self._file
        if several and store.reader.key_ids() - {keyring.current.id}:
            return keyring, Begun(keyring.current.id)
        if path is None:
            if several:
                return keyring, None
            raise Refused(
                _NOT_FROM_HERE,
                hint='let that give two keys, "NEW,OLD" (secret keygen makes one), reload what serves, and run this again',
            )
        after = Keyring([MasterKey.generate(), *keyring.keys])
        self._note(_ROTATES, f"the new key {after.current.id}")
        replace_key_file(path, keyring, after)
        return after, Begun(after.current.id, path)

    def _note(self, operation: str, target: str) -> None:
        audit.note(self.location.config_path, self.who, audit.Deed(operation, target), self.clock)
