import pytest
from fakes.command import Routerctl, manifest

CONFIG = {"baseURL": "http://localhost:1/v1", "apiKey": "sk-canary-1"}
FILES = manifest("Provider", "u", {"type": "lm-studio", "config": {**CONFIG}}) + manifest(
    "Secret", "s", {"data": {"K": {"value": "sk-canary-2"}}}
)


@pytest.fixture
def keyed(routerctl: Routerctl) -> Routerctl:
    routerctl.ok("secret", "keygen", "--out", routerctl.db.with_suffix(".key"))
    return routerctl


def test_a_value_is_sealed_for_one_field(keyed: Routerctl) -> None:
    token = keyed.ok(
        "secret", "seal", "--for", "provider/u:spec.config.apiKey", stdin="sk-canary-1\n"
    ).strip()
    keyed.apply(FILES.replace('"sk-canary-1"', f'{{"sealed": "{token}"}}'))
    assert "sk-canary-1" in keyed.ok("export", "--show-secrets", "--yes")
    assert token in keyed.ok("export")
    assert keyed.ok("diff", "-f", keyed.manifests).startswith("No changes")
    done = keyed(
        "diff",
        "-f",
        keyed.write(
            "b.yaml", FILES.replace('"u"', '"v"').replace('"sk-canary-1"', f'{{"sealed": "{token}"}}')
        ),
    )
    assert (done.code, "sealed for another place" in done.err) == (3, True)


def test_scopes_are_wider_places(keyed: Routerctl) -> None:
    file = keyed.folder / "value"
    file.write_text("sk-canary-1")
    words = ["--name", "s", "--key", "K", "--from-file", str(file)]
    for scope, team in (("namespace", 3), ("cluster", 0)):
        token = keyed.ok("secret", "seal", *words, "--scope", scope).strip()
        text = FILES.replace('"sk-canary-1"', f'{{"sealed": "{token}"}}')
        assert keyed("apply", "-f", keyed.write("a.yaml", text)).code == 0
        assert keyed("-n", "team", "diff", "-f", keyed.manifests).code == (team or 1)


def test_it_works_with_the_public_key_alone(keyed: Routerctl) -> None:
    public = keyed.folder / "router.pub"
    keyed.ok("secret", "public-key", "--out", public)
    file = keyed.write("a.yaml", FILES)
    done = keyed.plain(
        "--db", keyed.folder / "elsewhere.db", "secret", "seal", "-f", file, "--public-key", public
    )
    assert (done.code, done.out.splitlines()[-1]) == (0, "2 values sealed.")
    assert "canary" not in file.read_text() + done.out + done.err
    shown = keyed.ok("apply", "-f", file) and keyed.ok("export", "--show-secrets", "--yes")
    assert "sk-canary-1" in shown
    assert "sk-canary-2" in shown


def test_stdin_goes_to_stdout(keyed: Routerctl) -> None:
    done = keyed("secret", "seal", "-f", "-", stdin=FILES)
    assert (done.code, done.out.count("s1-"), "canary" in done.out) == (0, 2, False)
    assert "2 values sealed." in done.err


def test_what_does_not_go_together(keyed: Routerctl) -> None:
    for words in ([], ["--name", "s"], ["-f", "x", "--name", "s"], ["-f", "x", "--from-file", "y"]):
        assert keyed("secret", "seal", *words).code == 2


def test_no_key_is_made_for_a_store_that_holds_what_is_sealed_to_another(keyed: Routerctl) -> None:
    key = keyed.db.with_suffix(".key")
    keyed.write("a.yaml", FILES)
    keyed.ok("secret", "seal", "-f", keyed.manifests)
    key.unlink()
    keyed.ok("apply", "-f", keyed.manifests, stdin="")
    assert not key.exists()
    keyed.write("b.yaml", manifest("Secret", "t", {"data": {"K": {"value": "sk-canary-3"}}}))
    for words in (["apply", "-f", keyed.manifests], ["secret", "set", "s", "L", "--dry-run"]):
        done = keyed(*words, stdin="x")
        assert (done.code, "there is no encryption key to seal" in done.err) == (5, True)
        assert not key.exists()
