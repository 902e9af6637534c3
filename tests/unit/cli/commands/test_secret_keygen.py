from fakes.command import Routerctl

from reconciler.secrets.keys import Keyring, read_key_file


def test_a_key_is_printed_or_written_for_its_owner_alone(routerctl: Routerctl) -> None:
    printed = routerctl.ok("secret", "keygen")
    assert len(Keyring.parse(printed).ids) == 1
    assert routerctl.ok("secret", "keygen") != printed
    file = routerctl.folder / "router.key"
    told = routerctl.ok("secret", "keygen", "--out", file)
    (key,) = read_key_file(file).keys
    assert f"The key {key.id} is in {file}." in told
    assert f"ROUTERCTL_ENCRYPTION_KEY_FILE={file}" in told
    assert key.text() not in told
    assert file.stat().st_mode & 0o777 == 0o600


def test_nothing_is_replaced_and_the_stores_own_place_needs_no_variable(routerctl: Routerctl) -> None:
    file = routerctl.db.with_suffix(".key")
    assert "ROUTERCTL_ENCRYPTION_KEY_FILE" not in routerctl.ok("secret", "keygen", "--out", file)
    before = file.read_text()
    done = routerctl("secret", "keygen", "--out", file)
    assert (done.code, file.read_text()) == (5, before)
    assert "exists already" in done.err
