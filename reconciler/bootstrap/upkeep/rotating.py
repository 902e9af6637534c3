"""A new encryption key in front of the store's key file, and the end of the older ones.

Each step leaves a store whose every value opens with the keys in the file, so what was ended midway goes on by being asked again.
From the reading of the file to the last value it is one rotation at a time: a key that another one replaced would take with it
what was sealed under it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from reconciler.api.upkeep import Begun, Dropped, Rotated
from reconciler.bootstrap.ciphers import check_keys, no_key
from reconciler.bootstrap.reading import open_reader
from reconciler.bootstrap.writing import OpenStore, open_present_store
from reconciler.clock import Clock
from reconciler.control.rotation import need_lines, needs_of, rewrite_vault
from reconciler.errors import Refused
from reconciler.resources.principal import Principal
from reconciler.secrets.cipher import Cipher
from reconciler.secrets.keys import Keyring, LockedKeyFile, MasterKey, load_keyring, locked_key_file
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
        """`noted` is told as soon as it is so. Raises Conflict where another rotation is under way, as `drop`."""
        with (
            self._alone() as (before, file),
            open_present_store(
                self.location, self.environ, self.clock, sealing=False, caller=self.who
            ) as store,
        ):
            keyring, begun = self._with_new_key(before, file, store)
            if begun is not None:
                noted(begun)
            cipher = Cipher(keyring)
            written = rewrite_vault(store.reader, store.writer, cipher)
            needs = needs_of(store.reader, cipher).texts
        return Rotated(keyring.current.id, written, len(keyring.ids) > 1, needs, begun)

    def drop(self, *, dry_run: bool) -> Dropped:
        """Raises Refused where something that is stored now needs one."""
        with self._alone() as (keyring, file):
            return self._dropped(keyring, file, dry_run=dry_run)

    def _dropped(self, keyring: Keyring, file: LockedKeyFile | None, *, dry_run: bool) -> Dropped:
        if file is None:
            raise Refused(
                _NOT_FROM_HERE,
                hint="take the older key away there; rotate-key without --drop-old tells what needs it",
            )
        gone = keyring.ids[1:]
        if not gone:
            return Dropped(file.path, keyring.current.id)
        with open_reader(self.location) as reader:
            needs = needs_of(reader, Cipher(keyring))
        if needs.vault:
            told = (
                "1 value of the vault still needs"
                if needs.vault == 1
                else f"{needs.vault} values of the vault still need"
            )
            raise Refused(
                f"{told} an older key",
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
            file.replace(keyring, Keyring([keyring.current]))
        return Dropped(file.path, keyring.current.id, gone, len(needs.earlier))

    @contextmanager
    def _alone(self) -> Iterator[tuple[Keyring, LockedKeyFile | None]]:
        """The keys, and the file that they stand in: nobody else replaces it until the end. None: they are in no file."""
        keyring = self._keyring()
        path = key_file(self.environ, self.location.config_path)
        if path is None:
            yield keyring, None
            return
        with locked_key_file(path) as file:
            yield self._keyring(), file  # again: who was first may have changed them

    def _keyring(self) -> Keyring:
        """Raises SecretError where there is none, or one of another store."""
        with open_reader(self.location) as reader:
            keyring = load_keyring(self.environ, key_file_beside(self.location.config_path))
            if keyring is None:
                raise no_key(self.location, reader.key_ids())
            check_keys(keyring, reader)
        return keyring

    def _with_new_key(
        self, keyring: Keyring, file: LockedKeyFile | None, store: OpenStore
    ) -> tuple[Keyring, Begun | None]:
        """The keys with a new one in front, in the file first; as they are where a rotation has not ended."""
        several = len(keyring.ids) > 1
        if several and store.reader.key_ids() - {keyring.current.id}:
            return keyring, Begun(keyring.current.id)
        if file is None:
            if several:
                return keyring, None
            raise Refused(
                _NOT_FROM_HERE,
                hint='let that give two keys, "NEW,OLD" (secret keygen makes one), reload what serves, and run this again',
            )
        after = Keyring([MasterKey.generate(), *keyring.keys])
        self._note(_ROTATES, f"the new key {after.current.id}")
        file.replace(keyring, after)
        return after, Begun(after.current.id, file.path)

    def _note(self, operation: str, target: str) -> None:
        audit.note(self.location.config_path, self.who, audit.Deed(operation, target), self.clock)
