"""Whoever declares a part of another source's Secret or Provider draws no value of it to a host of his own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.workshop import CIPHER, Workshop, model, remote, secret

from reconciler.bootstrap.provider_builds import EarlierBuilds
from reconciler.provider_types.base import Endpoint
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.settings import Reach
from reconciler.snapshot import compile as compiler
from reconciler.snapshot.build import ProviderBuilder
from reconciler.snapshot.compile import EMPTY, Compilation
from reconciler.snapshot.model import Snapshot

FROM_SECRET = {"valueFrom": {"secret": {"name": "keys", "key": "K"}}}
KEY = "sk-of-a"
GOOD = f"https://a.example/v1/chat/completions Bearer {KEY}"


class Shop(Workshop):
    """Two sources, each in a folder of its own, and a worker that builds."""

    def declare(self, source: str, *resources: Resource, force: bool = False) -> None:
        """All that the source declares from now on."""
        self.write(f"{source}/all.yaml", *resources)
        self.apply(self.folder / source, source=source, prune=True, force=force)

    def compiled(self, before: Compilation = EMPTY, acknowledged: int | None = None) -> Compilation:
        past = EarlierBuilds(self.reader, lambda _: acknowledged)
        builder = ProviderBuilder(Reach(), {}, self.reader, past, CIPHER)
        state = self.reader.state()
        return compiler.compile(before, state.items(), state.revision, builder)

    def sent(self, name: str = "far") -> str | None:
        return sent(self.compiled().snapshot, name)


def sent(snapshot: Snapshot, name: str = "far") -> str | None:
    """Where a provider sends what credential; None where it is not built."""
    upstream = snapshot.upstreams.get(ResourceKey("Provider", "default", name))
    if upstream is None:
        return None
    request = upstream.adapter.encode(Endpoint.CHAT, b"{}")
    return f"{request.url} {dict(request.headers).get('authorization')}"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    yield made
    made.close()


def test_its_own_source_says_where(shop: Shop) -> None:
    shop.declare("a", secret("keys", K=KEY), remote(apiKey=FROM_SECRET))
    assert shop.sent() == GOOD
    shop.declare("b", remote("b", host="b.example", apiKey=FROM_SECRET))
    assert shop.sent("b") is None
    shop.declare("a", secret("keys", K=KEY, hosts=["a.example", "b.example"]), remote(apiKey=FROM_SECRET))
    assert (shop.sent(), shop.sent("b")) == (GOOD, GOOD.replace("a.example", "b.example"))


def test_another_source_adds_no_hosts(shop: Shop) -> None:
    shop.declare("a", secret("keys", K=KEY), remote(apiKey=FROM_SECRET))
    shop.declare(
        "b",
        secret("keys", hosts=["evil.example"], X="x"),
        remote("evil", host="evil.example", apiKey=FROM_SECRET),
    )
    assert shop.stored(ResourceKey("Secret", "default", "keys")).resource.spec["hosts"] == ["evil.example"]
    assert (shop.sent("evil"), shop.sent()) == (None, GOOD)


def test_another_source_adds_no_reference(shop: Shop) -> None:
    shop.declare("a", secret("keys", K=KEY), remote())
    shop.declare("b", remote(apiKey=FROM_SECRET))
    assert shop.stored(ResourceKey("Provider", "default", "far")).source == "a"
    assert shop.sent() is None


def test_another_source_moves_no_provider(shop: Shop) -> None:
    shop.declare("a", secret("keys", K=KEY), remote(apiKey=FROM_SECRET))
    before = shop.compiled()
    shop.declare("b", remote(host="evil.example"), force=True)
    assert shop.stored(ResourceKey("Provider", "default", "far")).source == "a"
    assert shop.sent() is None
    assert sent(shop.compiled(before, acknowledged=1).snapshot) is None


def test_a_provider_that_changed_hands_lost_the_key_with_them(shop: Shop) -> None:
    """A claim alone, which makes no revision: the values are the same."""
    shop.declare("a", secret("keys", K=KEY), remote(apiKey=FROM_SECRET))
    before = shop.compiled()
    shop.declare("b", remote(apiKey=FROM_SECRET), model())
    shop.declare("a", secret("keys", K=KEY))
    assert sent(shop.compiled(before, acknowledged=1).snapshot) is None


def test_a_host_that_is_revoked_gets_nothing_more(shop: Shop) -> None:
    shop.declare("a", secret("keys", K=KEY, hosts=["a.example", "b.example"]), remote(apiKey=FROM_SECRET))
    before = shop.compiled()
    assert sent(before.snapshot) == GOOD
    shop.declare("a", secret("keys", K=KEY, hosts=["b.example"]), remote(apiKey=FROM_SECRET))
    for compilation in (before, EMPTY):
        snapshot = shop.compiled(compilation, acknowledged=1).snapshot
        assert sent(snapshot) is None
        (refusal,) = snapshot.refusals
        assert "may not go to a.example" in refusal.reason
        assert refusal.serving is None
