"""Material: stored and never shown again, whichever way it came."""

from fakes.both_ways import BothWays
from fakes.command import manifest, served


def test_values_are_set_and_nowhere_to_be_seen(both: BothWays) -> None:
    said = [
        both("secret", "set", "keys", "ONE", "--host", "llm.example", stdin="sk-canary-set-1"),
        both("secret", "set", "keys", "TWO", stdin="sk-canary-set-2"),
        both("secret", "set", "keys", "TWO", "-o", "json", stdin="sk-canary-set-3"),
        both("secret", "set", "other", "X", "--dry-run", stdin="sk-canary-set-4"),
    ]
    assert [done.code for done in said] == [0, 0, 0, 0]
    assert "canary" not in "".join(done.out + done.err for done in said)
    for location in (both.here, both.there):
        assert b"canary" not in b"".join(path.read_bytes() for path in location.config_path.parent.iterdir())


def test_keys_of_clients_come_and_go(both: BothWays) -> None:
    assert both.ok("key", "create", "search", "--model", "gpt*") == "rk-KEY\n"
    assert both("key", "create", "search").code == 4
    assert both.ok("key", "rotate", "search", "--overlap", "1h") == "rk-KEY\n"
    assert both("key", "rotate", "nobody").code == 3
    assert "revoked" in both.ok("key", "revoke", "search")
    assert both("key", "revoke", "search", "nokey").code == 3
    assert both("key", "create", "bad name").code == 3


def test_tokens_come_and_go(both: BothWays) -> None:
    assert both.ok("token", "create", "ci", "--role", "operator", "--manager", "git:shared") == "rt-KEY\n"
    assert both("token", "create", "ci").code == 4
    assert both("token", "create", "-ci").code in (2, 3)
    assert "operator" in both.ok("token", "list")
    assert "revoked" in both.ok("token", "revoke", "ci")
    assert both("token", "revoke", "nobody").code == 3


def test_what_serves_is_asked(both: BothWays) -> None:
    both.write("a.yaml", served("one"))
    both.ok("apply", "-f", both.manifests)
    assert "reset" in both.ok("provider", "reset", "one")
    assert both("provider", "reset", "none").code == 3
    assert both("reload").code == 6


def test_an_import_is_applied_after_a_backup(both: BothWays) -> None:
    both.ok("apply", "-f", "-", stdin=manifest("Model", "m"))
    env = both.routerctl.folder / "x" / ".env"
    env.parent.mkdir()
    env.write_text("QWEN_API_KEY=sk-canary-import\n")
    assert both("import", env, "--apply", "--dry-run").code == 0
    said = both.ok("import", env, "--apply", "-o", "json")
    assert ('"backup": "STORE/' in said, "canary" in said) == (True, False), said
    again = both.remotely("import", env, "--apply").out
    assert "routerctl WHERE get providers" in again
