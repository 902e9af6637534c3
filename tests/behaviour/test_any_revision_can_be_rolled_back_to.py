"""A random history, and a rollback to every revision of it: what people wrote is as it was, and secrets still open.

ROUTERCTL_TEST_HISTORY sets its length, ROUTERCTL_TEST_SEED its course.
"""

import random
from collections.abc import Mapping
from dataclasses import replace

import pytest
from fakes.workshop import CIPHER, Workshop, binding, model, remote, secret, simulator, workshop
from sizes import seed, size

from reconciler.control.manifest.writer import export
from reconciler.control.seal import place_of, sealed_id, secrets_of
from reconciler.control.vault_record import verify_vault
from reconciler.resources.resource import Resource
from reconciler.resources.state import State
from reconciler.store.compaction import Keep, compact
from reconciler.store.verify import verify

_LENGTH = size("HISTORY")


@pytest.mark.torture
def test_to_each_revision_in_any_order() -> None:
    chance = random.Random(seed("history"))
    with workshop() as shop:
        numbers = _history(shop, chance)
        then = {number: shop.reader.state_at(number) for number in numbers}
        opened = {number: _secrets(shop, then[number]) for number in numbers}
        assert any(opened.values())
        chance.shuffle(numbers)
        for number in numbers:
            head, before = shop.reader.head(), shop.reader.state()
            done = shop.rollback(number)
            now = shop.reader.state()
            assert done.revision.number == head + (_written(before) != _written(then[number]))
            assert export(now.values()) == export(then[number].values())
            assert _managed(now) == _managed(then[number])
            assert _secrets(shop, now) == opened[number]
            assert shop.reader.state_at(head) == before
        assert verify(shop.reader) == []
        assert verify_vault(shop.reader, CIPHER).problems == ()
        _compacted(shop)


def _compacted(shop: Workshop) -> None:
    """Also where all that is older has gone."""
    head = shop.reader.head()
    kept = shop.reader.state_at(head - 1)
    opened = _secrets(shop, kept)
    compact(shop.store, Keep(revisions=1))
    shop.rollback(head - 1)
    assert export(shop.reader.state().values()) == export(kept.values())
    assert _secrets(shop, shop.reader.state()) == opened
    assert verify(shop.reader) == []
    assert verify_vault(shop.reader, CIPHER).problems == ()


def _history(shop: Workshop, chance: random.Random) -> list[int]:
    numbers: list[int] = []
    while len(numbers) < _LENGTH:
        shop.write("all.yaml", *_some_resources(chance))
        number = shop.apply(prune=True).revision.number
        if not numbers or number > numbers[-1]:
            numbers.append(number)
    return numbers


def _some_resources(chance: random.Random) -> list[Resource]:
    made = [
        simulator(name, text=chance.choice("xyz"), labels={"team": chance.choice("pq")})
        for name in ("a", "b", "c")
        if chance.random() < 0.7
    ]
    made.append(remote(apiKey=f"sk-{chance.randrange(4)}"))
    if chance.random() < 0.6:
        made.append(secret(hosts=["a.example"], K=f"s-{chance.randrange(3)}"))
    if chance.random() < 0.6:
        made += [model("m", aliases=[chance.choice(["gpt-*", "best"])]), binding("m-far", "m", "far")]
    return made


def _written(state: State) -> Mapping[object, object]:
    return {
        key: (stored.resource.spec, dict(stored.resource.labels), dict(stored.resource.annotations))
        for key, stored in state.items()
    }


def _managed(state: State) -> Mapping[object, object]:
    """Who owns what. Since when does not count."""
    return {
        key: ([replace(entry, time="") for entry in stored.managed_fields], stored.source, stored.path)
        for key, stored in state.items()
    }


def _secrets(shop: Workshop, state: State) -> dict[str, str]:
    opened = {}
    for key, stored in state.items():
        for path, written in secrets_of(stored.resource):
            entry = shop.reader.vault_entry(sealed_id(written) or "")
            assert entry is not None
            place = place_of(key, path)
            opened[str(place)] = CIPHER.open(place, entry.ciphertext, entry.key_id).reveal()
    return opened
