import pytest
from fakes.command import Routerctl, manifest

from reconciler.secrets.keys import read_key_file

CONFIG = {"baseURL": "http://localhost:1/v1", "apiKey": "sk-canary-1"}
PROVIDER = manifest("Provider", "u", {"type": "lm-studio", "config": {**CONFIG}})
SECRET = manifest("Secret", "s", {"data": {"K": {"value": "sk-canary-2"}}})


@pytest.fixture
def stored(routerctl: Routerctl) -> Routerctl:
    """One value in the vault, and one sealed in its manifest."""
    routerctl.ok("secret", "keygen", "--out", routerctl.db.with_suffix(".key"))
    routerctl.write("b.yaml", SECRET)
    routerctl.ok("secret", "seal", "-f", routerctl.manifests)
    routerctl.apply(PROVIDER)
    return routerctl


def keys(routerctl: Routerctl) -> tuple[str, ...]:
    return read_key_file(routerctl.db.with_suffix(".key")).ids


def test_the_whole_way_to_one_new_key(stored: Routerctl) -> None:
    (old,) = keys(stored)
    told = stored.ok("secret", "rotate-key")
    new, *rest = keys(stored)
    assert rest == [old]
    assert "1 value of the vault sealed again" in told
    assert "Secret/s spec.data.K  (sealed to " in told
    refused = stored("secret", "rotate-key", "--drop-old")
    assert (refused.code, keys(stored)) == (4, (new, old))
    assert "Secret/s spec.data.K" in refused.err
    stored.ok("secret", "reseal", "-f", stored.manifests)
    stored.ok("apply", "-f", stored.manifests)
    declined = stored("secret", "rotate-key", "--drop-old", stdin="n\n")
    assert (declined.code, keys(stored)) == (2, (new, old))
    assert "1 sealed field of earlier revisions will not open any more" in declined.err
    assert f"removed: {old}" in stored.ok("secret", "rotate-key", "--drop-old", "--yes")
    assert keys(stored) == (new,)
    shown = stored.ok("export", "--show-secrets", "--yes")
    assert "sk-canary-1" in shown
    assert "sk-canary-2" in shown
    assert "There is no older key" in stored.ok("secret", "rotate-key", "--drop-old")
    assert stored("history", "verify").code == 0
    assert stored.ok("diff", "-f", stored.manifests).startswith("No changes")


def test_one_that_was_ended_midway_goes_on(stored: Routerctl) -> None:
    key = stored.db.with_suffix(".key")
    (old,) = keys(stored)
    newer = stored.ok("secret", "keygen")
    key.write_text(newer + key.read_text())  # as a rotation that died before the vault
    refused = stored("secret", "rotate-key", "--drop-old")
    assert (refused.code, "1 value of the vault still needs an older key" in refused.err) == (4, True)
    told = stored.ok("secret", "rotate-key")
    assert "Going on with the rotation" in told
    assert keys(stored)[1:] == (old,)
    assert key.read_text().startswith(newer)


def test_a_key_that_is_not_in_a_file_is_changed_by_who_gives_it(stored: Routerctl) -> None:
    key = stored.db.with_suffix(".key")
    old, new = key.read_text().strip(), stored.ok("secret", "keygen").strip()
    key.unlink()
    stored.monkeypatch.setenv("ROUTERCTL_ENCRYPTION_KEY_COMMAND", f"echo {old}")
    done = stored("secret", "rotate-key")
    assert (done.code, "which can't be changed from here" in done.err) == (4, True)
    stored.monkeypatch.setenv("ROUTERCTL_ENCRYPTION_KEY_COMMAND", f"echo {new},{old}")
    assert "1 value of the vault sealed again" in stored.ok("secret", "rotate-key")
    assert "0 values" in stored.ok("secret", "rotate-key")
    assert stored("secret", "rotate-key", "--drop-old").code == 4
    stored.monkeypatch.setenv("ROUTERCTL_ENCRYPTION_KEY_COMMAND", f"echo {new}")
    assert "sk-canary-1" in stored.ok("export", "provider/u", "--show-secrets", "--yes")
    assert not key.exists()


def test_there_has_to_be_a_key_and_the_right_one(stored: Routerctl) -> None:
    key = stored.db.with_suffix(".key")
    key.unlink()
    done = stored("secret", "rotate-key")
    assert (done.code, "there is no encryption key here" in done.err) == (5, True)
    stored.ok("secret", "keygen", "--out", key)
    before = key.read_text()
    done = stored("secret", "rotate-key")
    assert (done.code, "is not this store's" in done.err, key.read_text()) == (5, True, before)
