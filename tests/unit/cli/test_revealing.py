from fakes.command import Routerctl, manifest

CANARY = "sk-canary-0123456789"
CONFIG = {"baseURL": "http://localhost:1/v1", "apiKey": CANARY}
FILES = manifest("Provider", "u", {"type": "lm-studio", "config": {**CONFIG}})


def test_secrets_are_shown_to_who_says_yes(routerctl: Routerctl) -> None:
    routerctl.apply(FILES)
    assert f"apiKey: {CANARY}\n" in routerctl.ok("export", "--show-secrets", "--yes")
    assert CANARY in routerctl.ok("export", "provider/u", "--show-secrets", stdin="y\n")
    told = routerctl("audit", "-o", "json").out
    assert told.count("export --show-secrets") == 2
    assert CANARY not in told
    for stdin in ("n\n", ""):
        done = routerctl("export", "--show-secrets", stdin=stdin)
        assert (done.code, CANARY in done.out + done.err) == (2, False)
        assert "declined: nothing was done" in done.err
    for words in (["--yes"], ["--dir", "x", "--show-secrets"]):
        assert routerctl("export", *words).code == 2


def test_without_the_key_nobody_is_asked_and_with_another_nothing_is_shown(routerctl: Routerctl) -> None:
    routerctl.apply(FILES)
    key = routerctl.db.with_suffix(".key")
    kept = key.read_text()
    key.unlink()
    done = routerctl("export", "--show-secrets", "--yes")
    assert (done.code, done.out) == (5, "")
    assert f"it is looked for in the file {key}" in done.err
    routerctl.ok("secret", "keygen", "--out", key)
    assert "is not this store's" in routerctl("export", "--show-secrets", "--yes").err
    key.write_text(kept)
    routerctl.ok("secret", "rotate-key")
    newer = key.read_text().splitlines()[0]
    assert CANARY in routerctl.ok("export", "--show-secrets", "--yes")
    key.write_text(f"{newer}\n")
    assert CANARY in routerctl.ok("export", "--show-secrets", "--yes")


def test_what_does_not_open_stays_sealed_with_a_word(routerctl: Routerctl) -> None:
    routerctl.write("a.yaml", FILES)
    other = routerctl.folder / "other.key"
    routerctl.ok("secret", "keygen", "--out", other)
    routerctl.monkeypatch.setenv("ROUTERCTL_ENCRYPTION_KEY_FILE", str(other))
    routerctl.ok("secret", "seal", "-f", routerctl.manifests)
    routerctl.ok("apply", "-f", routerctl.manifests)
    mine = routerctl.folder / "mine.key"
    routerctl.ok("secret", "keygen", "--out", mine)
    routerctl.monkeypatch.setenv("ROUTERCTL_ENCRYPTION_KEY_FILE", str(mine))
    done = routerctl("export", "--show-secrets", "--yes")
    assert (done.code, "sealed: s1-" in done.out) == (0, True)
    assert "warning: Provider/u: spec.config.apiKey stays sealed: the value of" in done.err
