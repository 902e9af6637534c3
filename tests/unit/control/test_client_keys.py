import pytest
from fakes.keys import client_key
from fakes.states import stored

from reconciler.control.client_keys import (
    active_keys,
    entry_of,
    manifest_of,
    new_client,
    refused,
    with_key,
    with_key_ends,
    without_key,
)
from reconciler.control.manifest.document import InvalidManifests
from reconciler.errors import NotFound
from reconciler.json_types import JsonObject
from reconciler.resources.client_key import MAX_KEYS
from reconciler.resources.resource import ResourceKey
from reconciler.secrets.key_text import mint

OLD, NEW = mint("rk"), mint("rk")
TEAM = ResourceKey("ClientKey", "team-a", "team")


def target(**more: object) -> JsonObject:
    spec: JsonObject = {"keys": [entry_of(OLD)], "models": ["m"]}
    return {"kind": "ClientKey", "spec": {**spec, **more}}  # type: ignore[dict-item]  # JSON


def test_a_new_one_holds_the_hash_and_nothing_of_the_key() -> None:
    made = new_client(TEAM, NEW, {"models": ["m*"], "limits": {"maxConcurrent": 2}})
    text = manifest_of(made)
    assert made.key == TEAM
    assert NEW.hash in text
    assert "namespace: team-a" in text
    assert NEW.text not in text
    assert NEW.text[16:] not in text


@pytest.mark.parametrize(
    "spec", [{"limits": {"no": 1}}, {"models": []}, {"budgets": [{"window": "year", "amount": "1"}]}]
)
def test_what_no_manifest_may_say(spec: JsonObject) -> None:
    with pytest.raises(InvalidManifests):
        new_client(TEAM, NEW, spec)
    with pytest.raises(InvalidManifests):
        new_client(TEAM._replace(name="no name"), NEW, {})


def test_the_keys_of_now_end_when_another_takes_over() -> None:
    other = entry_of(mint("rk"))
    changed = with_key(NEW, frozenset({OLD.id}), "2027-01-01T00:00:00Z", 0.0)(
        target(keys=[entry_of(OLD), other])
    )
    assert changed == target(
        keys=[{**entry_of(OLD), "expires": "2027-01-01T00:00:00Z"}, other, entry_of(NEW)]
    )


def test_a_key_that_ends_sooner_by_itself_is_not_given_longer() -> None:
    sooner, later = "2026-06-01T00:00:00Z", "2028-06-01T00:00:00+02:00"
    end = "2027-01-01T00:00:00Z"
    for own, left in ((sooner, sooner), (later, end)):
        held = target(keys=[{**entry_of(OLD), "expires": own}])
        changed = with_key(NEW, frozenset({OLD.id}), end, 0.0)(held)
        assert changed == target(keys=[{**entry_of(OLD), "expires": left}, entry_of(NEW)])
    whole = stored(client_key("team", keys=[entry_of(OLD)], expires=sooner))
    ends = with_key_ends(whole, with_key(NEW, frozenset({OLD.id}), end, 0.0))
    assert ends == {OLD.id: 1780272000.0, NEW.id: 1780272000.0}
    assert with_key_ends(whole, lambda _: None) == {}


def test_the_first_that_is_over_makes_room() -> None:
    many = [entry_of(mint("rk")) for _ in range(MAX_KEYS)]
    rewrite = with_key(NEW, frozenset(), "2027-01-01T00:00:00Z", 1_900_000_000.0)
    assert rewrite(target(keys=many)) == target(keys=[*many, entry_of(NEW)]), (
        "refused by the schema, in words"
    )
    many[3] = {**many[3], "enabled": False}
    many[1] = {**many[1], "expires": "2026-01-01T00:00:00Z"}
    assert rewrite(target(keys=many)) == target(keys=[many[0], *many[2:], entry_of(NEW)])


def test_one_key_or_all_are_refused() -> None:
    assert without_key("team", OLD.id)(target()) == target(keys=[{**entry_of(OLD), "enabled": False}])
    assert refused(target()) == target(enabled=False)
    assert refused({"spec": None}) == {"spec": {"enabled": False}}
    with pytest.raises(NotFound, match=f"ClientKey/team has no key {NEW.id}"):
        without_key("team", NEW.id)(target())


def test_which_keys_are_accepted() -> None:
    keys = [
        {**entry_of(OLD), "expires": "2027-01-01T00:00:00Z"},
        entry_of(NEW),
        {**entry_of(mint("rk")), "enabled": False},
    ]
    both = stored(client_key("team", keys=[*keys]))
    assert active_keys(both, 0.0) == [OLD.id, NEW.id]
    assert active_keys(both, 1_900_000_000.0) == [NEW.id]
