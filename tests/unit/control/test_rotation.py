import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fakes.workshop import CIPHER, Workshop, remote, secret, workshop

from reconciler.control import rotation
from reconciler.control.rotation import Need, need_lines, needs_of, rewrite_vault
from reconciler.control.vault_record import verify_vault
from reconciler.errors import SecretError
from reconciler.json_types import value_at
from reconciler.resources.resource import ResourceKey
from reconciler.secrets.cipher import Cipher, Place
from reconciler.secrets.keys import Keyring, MasterKey
from reconciler.secrets.value import SecretValue
from reconciler.store.verify import verify

OLD = MasterKey(bytes(range(32)))
NEW = MasterKey(bytes(32))
BOTH = Cipher(Keyring([NEW, OLD]))
FAR = ResourceKey("Provider", "default", "far")
FIELD = "spec.config.apiKey"
PLACE = Place("default", "Provider", "far", FIELD)


def sealed(value: str, cipher: Cipher = CIPHER) -> dict[str, str]:
    return {"sealed": cipher.public_key.seal(PLACE, SecretValue(value))}


def test_the_vault_is_under_the_new_key_and_no_history_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    with workshop() as shop:
        shop.write("all.yaml", remote(apiKey="sk-1"), secret(hosts=["a.example"], K="s-2", L="s-3"))
        shop.apply()
        head = shop.reader.head_revision()
        assert rewrite_vault(shop.reader, shop.writer, BOTH) == 3
        assert shop.reader.key_ids() == {NEW.id}
        assert shop.reader.head_revision() == head
        assert verify_vault(shop.reader, Cipher(Keyring([NEW]))).problems == ()
        assert not verify(shop.reader)
        assert needs_of(shop.reader, BOTH) == rotation.Needs(0, ())
        assert rewrite_vault(shop.reader, shop.writer, BOTH) == 0


def test_in_the_middle_all_opens_and_nothing_seems_changed() -> None:
    with workshop() as shop:
        shop.write("all.yaml", remote(apiKey="sk-1"), secret(hosts=["a.example"], K="s-2"))
        shop.apply()
        entries = shop.reader.vault_entries()
        half = rotation._renewed(entries[0], BOTH)
        assert shop.writer.rewrite_seals([(entries[0], half)]) == 1
        assert verify_vault(shop.reader, BOTH).opened == 2
        assert needs_of(shop.reader, BOTH).vault == 1
        shop.cipher = BOTH
        assert shop.propose().plan.empty
        assert shop.propose().entries == {}
        shop.write("all.yaml", remote(apiKey="sk-other"), secret(hosts=["a.example"], K="s-2"))
        assert [change.key for change in shop.propose().plan.changes] == [FAR]
        assert rewrite_vault(shop.reader, shop.writer, BOTH) == 1


def test_what_opens_with_no_key_at_hand_ends_it_before_it_begins() -> None:
    with workshop() as shop:
        shop.write("all.yaml", remote(apiKey="sk-1"))
        shop.apply()
        with pytest.raises(SecretError, match=f"nothing was rotated: .* {OLD.id}, which is not at hand"):
            rewrite_vault(shop.reader, shop.writer, Cipher(Keyring([NEW])))
        assert shop.reader.key_ids() == {OLD.id}


def test_what_is_sealed_in_manifests_needs_the_older_key_now_or_for_earlier_revisions() -> None:
    with workshop() as shop:
        shop.write("all.yaml", remote(apiKey=sealed("sk-1")))
        shop.apply()
        now = Need(FAR, FIELD, CIPHER.public_key.id, now=True)
        assert needs_of(shop.reader, BOTH).texts == (now,)
        shop.cipher = BOTH
        shop.write("all.yaml", remote(apiKey=sealed("sk-1", BOTH)))
        shop.apply()
        needs = needs_of(shop.reader, BOTH)
        assert (needs.now, needs.earlier) == ((), (now._replace(now=False),))
        assert needs_of(shop.reader, CIPHER).now == (Need(FAR, FIELD, BOTH.public_key.id, now=True),)


def test_versions_that_can_not_be_read_need_nothing(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.write("all.yaml", remote(apiKey=sealed("sk-1")))
    shop.apply()
    written = value_at(shop.stored(FAR).resource.spec, ("config", "apiKey", "sealed"))
    for body in (f'{{"sealed":"{written}"', '{"spec":{"config":{"apiKey":{"sealed":"s1-cut"}}}}'):
        with closing(sqlite3.connect(shop.store)) as connection, connection:
            connection.execute("UPDATE version SET body = ?", (body,))
        assert needs_of(shop.reader, BOTH).texts == ()
    shop.close()


def test_what_needs_a_key_is_listed_as_far_as_that_helps() -> None:
    needs = [
        Need(ResourceKey("Secret", "default", "s"), f"spec.data.K{n}", "id", now=True) for n in range(25)
    ]
    lines = need_lines(needs)
    assert lines[0] == "  Secret/s spec.data.K0  (sealed to id)"
    assert (len(lines), lines[-1]) == (21, "  and 5 more")
    assert need_lines(needs[:20])[-1] == "  Secret/s spec.data.K19  (sealed to id)"
