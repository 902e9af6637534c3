import pytest
from fakes.command import Routerctl, manifest

FILES = manifest(
    "Secret", "s", {"data": {"K": {"value": "sk-canary-2"}, "L": {"valueFrom": {"env": "X_API_KEY"}}}}
)


@pytest.fixture
def rotated(routerctl: Routerctl) -> Routerctl:
    """A manifest that is sealed to the older one of two keys, and applied."""
    key = routerctl.db.with_suffix(".key")
    routerctl.ok("secret", "keygen", "--out", key)
    routerctl.write("a.yaml", FILES)
    routerctl.ok("secret", "seal", "-f", routerctl.manifests, "--scope", "cluster")
    routerctl.ok("apply", "-f", routerctl.manifests)
    routerctl.ok("secret", "rotate-key")
    return routerctl


def test_what_is_sealed_to_an_older_key_is_sealed_to_the_current_one(rotated: Routerctl) -> None:
    file = rotated.manifests / "a.yaml"
    before = file.read_text()
    assert rotated.ok("secret", "reseal", "-f", file).endswith("1 value resealed.\n")
    after = file.read_text()
    assert after != before
    assert "scope cluster" not in before
    assert rotated.ok("secret", "reseal", "-f", file) == "0 values resealed.\n"
    rotated.ok("apply", "-f", file)
    assert "scope cluster" in rotated.ok("secret", "list")
    assert "sk-canary-2" in rotated.ok("export", "--show-secrets", "--yes")


def test_what_does_not_open_is_told_and_nothing_is_written(rotated: Routerctl) -> None:
    key = rotated.db.with_suffix(".key")
    key.write_text(key.read_text().splitlines()[0])
    before = (rotated.manifests / "a.yaml").read_text()
    done = rotated("secret", "reseal", "-f", rotated.manifests)
    assert (done.code, (rotated.manifests / "a.yaml").read_text()) == (3, before)
    assert (
        "Secret/s: spec.data.K: the value of default/Secret/s/spec.data.K is sealed to the public key"
        in done.err
    )
