"""Rotations of the key at once, of threads and of processes: a key that was told stands in the file, and every value opens."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from fakes.command_processes import start
from fakes.running import routerctl
from fakes.writing import someone

from reconciler.bootstrap.ciphers import load_cipher
from reconciler.bootstrap.upkeep.rotating import KeyRotation
from reconciler.clock import SystemClock
from reconciler.control.vault_record import verify_vault
from reconciler.errors import Conflict
from reconciler.resources.principal import Role
from reconciler.store.reader import Reader
from reconciler.store.url import parse

VALUES = {f"K{number}": {"value": f"sk-{number}"} for number in range(3)}
THREADS, ROUNDS = 2, 6


def test_a_rotation_that_is_told_as_done_is_not_undone_by_another(tmp_path: Path) -> None:
    db, manifest = tmp_path / "store.db", tmp_path / "secret.yaml"
    metadata = {"apiVersion": "routerctl.dev/v1", "kind": "Secret", "metadata": {"name": "s"}}
    manifest.write_text(json.dumps({**metadata, "spec": {"data": VALUES}}))
    routerctl(db, "apply", "-f", str(manifest))
    location, together = parse(str(db)), Barrier(THREADS, timeout=30)

    def thread(_: int) -> set[str]:
        done = set[str]()
        for _round in range(ROUNDS):
            together.wait()
            try:
                done.add(
                    KeyRotation(location, {}, SystemClock(), someone(Role.ADMIN)).rotate(lambda _: None).key
                )
            except Conflict:
                continue
        return done

    with ThreadPoolExecutor(THREADS) as pool:
        threads = pool.map(thread, range(THREADS), timeout=60)
        processes = [start(db, "secret", "rotate-key") for _ in range(2)]
        said = [process.said() for process in processes]
        told = set[str]().union(*threads)
    assert told
    for one in said:
        assert one.code in (0, 4), one.err
        told |= {*re.findall("sealed again, under the key ([0-9a-f]+)", one.out)}
        assert one.code == 0 or "another rotation" in one.err

    with Reader(db) as reader:
        cipher = load_cipher(location, {}, reader)
        assert cipher is not None
        assert told <= {*cipher.key_ids}
        vault = verify_vault(reader, cipher)
        assert (vault.problems, vault.opened) == ((), len(VALUES))
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".new")] == []
    routerctl(db, "secret", "rotate-key", "--drop-old")
