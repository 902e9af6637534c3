"""What keeps a store in order: done by who works on its file, and by a server that is asked."""

from fakes.both_ways import BothWays
from fakes.command import manifest, served

from reconciler.store.reader import Reader

SEALED = manifest(
    "Provider",
    "far",
    {"type": "openai-compatible", "config": {"baseURL": "https://a.example/v1", "apiKey": "sk-canary-far-1"}},
)


def test_a_copy_is_verified_where_it_ends(both: BothWays) -> None:
    file = both.routerctl.folder / "copy.db"
    both.write("a.yaml", SEALED)
    both.ok("apply", "-f", both.manifests)
    said = both.ok("backup", file, "--force")
    assert said.splitlines() == [
        f"Wrote {file}: revision 1, N KiB, verified.",
        "Head digest DIGEST",
        "The key that opens its sealed values is not in it: it is in the file STORE/routerctl.key. Keep a copy of it elsewhere.",
    ]
    with Reader(file) as copy, Reader(both.there.config_path) as there:
        assert copy.head_revision() == there.head_revision()
    assert file.stat().st_mode & 0o777 == 0o600
    assert both("backup", file).code == 4
    assert both("backup", both.manifests).code == 3
    both.ok("backup", file, "--force", "-o", "json")
    assert [path.name for path in both.routerctl.folder.glob("*copy*")] == ["copy.db"]
    assert [path.name for path in both.there.config_path.parent.glob(".*")] == []


def test_old_contents_go(both: BothWays) -> None:
    for priority in range(3):
        both.write("a.yaml", served("m", priority=priority))
        both.ok("apply", "-f", both.manifests)
    assert both.ok("history", "prune", "--keep", "1", "--dry-run").startswith("Would remove 1 old version")
    assert both.ok("history", "prune", "--keep", "1").startswith("Removed 1 old version")
    both.ok("history", "prune", "--keep-since", "1d", "-o", "json")
    assert both("history", "prune").code == 2
    assert both("show", "2").code == 3
    both.ok("history", "verify")


def test_what_is_wrong_is_found(both: BothWays) -> None:
    both.write("a.yaml", served("m"), SEALED)
    both.ok("apply", "-f", both.manifests)
    both.ok("provider", "reset", "far")
    assert "opens the one sealed value" in both.ok("doctor")
    both.ok("doctor", "-o", "json")
    for location in (both.here, both.there):
        location.config_path.with_suffix(".key").rename(location.config_path.with_name("away"))
    here, there = both.locally("doctor"), both.remotely("doctor")
    assert ("sealed with KEY" in here.out, "give it here" in here.out) == (True, True), here.out
    assert (here.code, there.code, "give it here" in there.out) == (5, 5, False)
    assert "start the server with the variable, the file or the flag" in there.out
    for location in (both.here, both.there):
        location.config_path.with_name("away").rename(location.config_path.with_suffix(".key"))
    elsewhere = both.remotely("doctor", "--allow-env", "X_*")
    assert (elsewhere.code, "a server goes by its own" in elsewhere.err) == (2, True)


def test_secrets_are_found_where_they_should_not_be(both: BothWays) -> None:
    both.write("a.yaml", SEALED)
    both.ok("apply", "-f", both.manifests)
    assert both.ok("secret", "audit") == "2 secrets looked for; none found.\n"
    for location in (both.here, both.there):
        location.config_path.with_name("routerctl.log").write_text("key sk-canary-far-1")
    done = both("secret", "audit")
    assert (done.code, "routerctl.log: byte 4: Provider/far" in done.out) == (1, True)
    assert both("secret", "audit", "-o", "json").code == 1
    assert "canary" not in done.out + done.err
    elsewhere = both.remotely("secret", "audit", both.manifests)
    assert (elsewhere.code, "looked into where the command runs" in elsewhere.err) == (2, True)


def test_the_key_is_rotated(both: BothWays) -> None:
    assert "there is no encryption key" in both("secret", "rotate-key").err
    both.write("a.yaml", SEALED)
    both.ok("apply", "-f", both.manifests)
    assert "There is no older key" in both.ok("secret", "rotate-key", "--drop-old")
    told = both.ok("secret", "rotate-key")
    assert "The new key KEY stands in front of STORE/routerctl.key" in told
    assert "1 value of the vault sealed again" in told
    both.ok("history", "verify")
    assert "removed: KEY" in both.ok("secret", "rotate-key", "--drop-old", "--yes")
    for location in (both.here, both.there):
        key = location.config_path.with_suffix(".key")
        key.write_text(both.routerctl.ok("secret", "keygen") + key.read_text())
    assert "Going on with the rotation" in both.ok("secret", "rotate-key")
