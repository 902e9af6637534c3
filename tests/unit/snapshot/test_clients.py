from math import inf

from fakes.keys import client, client_key, clients_of
from fakes.states import stored

from reconciler.json_types import JsonObject
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.secrets.key_text import mint
from reconciler.snapshot.clients import NO_CLIENTS, Clients, Globs, clients

ONE, TWO, THREE = mint("rk"), mint("rk"), mint("rk")
SETTINGS = ResourceKey("Settings", "default", "default")


def settings(**auth: str) -> Resource:
    return Resource(SETTINGS, {"auth": {**auth}})


def after(previous: Clients, *changed: Resource, gone: tuple[Resource, ...] = ()) -> Clients:
    found = {each.key: stored(each) for each in changed}
    return clients(previous, {**found, **{each.key: None for each in gone}}, found)


def test_a_key_is_found_by_its_id_and_held_by_its_hash() -> None:
    found = clients_of(client_key("team", ONE, TWO, expires="2031-01-01T00:00:00Z"))
    assert found.required
    credential = found.credentials[ONE.id.encode()]
    assert credential.client.name == "team"
    assert f"sha256:{credential.digest.hex()}" == ONE.hash
    assert credential.until == 1924992000.0
    assert credential.digest.hex() not in repr(found)
    assert repr(credential.digest) not in repr(found)
    assert [each.name for each in found.listed] == ["team"]


def test_the_earlier_end_counts_and_what_is_disabled_is_not_there() -> None:
    keys: list[JsonObject] = [
        {"id": ONE.id, "hash": ONE.hash, "expires": "2030-01-01T00:00:00+01:00"},
        {"id": TWO.id, "hash": TWO.hash, "enabled": False},
    ]
    ending, never = client_key("team", keys=[*keys], expires="2031-01-01T00:00:00Z"), client_key("b", THREE)
    found = clients_of(ending, never, client_key("off", mint("rk"), enabled=False))
    assert {id_: each.until for id_, each in found.credentials.items()} == {
        ONE.id.encode(): 1893452400.0,
        THREE.id.encode(): inf,
    }
    assert [each.name for each in found.listed] == ["team", "b"]


def test_a_change_of_one_leaves_the_others_the_same_objects() -> None:
    one, two = client_key("one", ONE), client_key("two", TWO)
    before = after(NO_CLIENTS, one, two, settings(dataPlane="keys"))
    now = after(before, client_key("two", THREE))
    assert set(now.credentials) == {ONE.id.encode(), THREE.id.encode()}
    assert now.credentials[ONE.id.encode()] is before.credentials[ONE.id.encode()]
    assert after(before, Resource(ResourceKey("Model", "default", "m"), {})) is before
    assert after(before, settings(dataPlane="keys")) is before
    off = after(before, settings(dataPlane="none"))
    assert (off.required, off.credentials) == (False, before.credentials)
    assert not after(before, gone=(one, two)).credentials


def test_of_two_with_one_id_the_first_by_name_is_accepted_until_it_goes() -> None:
    one, two = client_key("a", ONE), client_key("b", ONE)
    both = clients_of(two, one)
    assert both.credentials[ONE.id.encode()].client.name == "a"
    left = after(both, gone=(one,))
    assert left.credentials[ONE.id.encode()].client.name == "b"


def test_what_may_go_on_when_keys_change() -> None:
    before = clients_of(client_key("one", ONE))
    credential = before.credentials[ONE.id.encode()]
    changed = client_key("one", keys=[{"id": ONE.id, "hash": TWO.hash}])
    assert before.accepts(credential)
    assert clients_of(client_key("one", ONE, models=["other"])).accepts(credential)
    for gone in (
        clients_of(),
        clients_of(client_key("one", ONE, enabled=False)),
        clients_of(client_key("other", ONE)),
        clients_of(changed),
    ):
        assert not gone.accepts(credential)
    assert clients_of(required=False).accepts(credential)
    assert clients_of(changed, required=False).accepts(credential)


def test_what_a_client_may_use() -> None:
    anyone, someone = client(), client(models=["gpt-*", "fast"], routes=["r-*"])
    assert anyone.may_use("m")
    assert anyone.may_follow("r")
    assert someone.may_use("gpt-4o")
    assert someone.may_use("m", "fast")
    assert not someone.may_use("m")
    assert not someone.may_use("m", "slow")
    assert someone.may_follow("r-1")
    assert not someone.may_follow("q")


def test_globs_remember_and_are_values() -> None:
    found = Globs(["a*", "b"])
    assert [found.match(name) for name in ("ab", "b", "c", "c")] == [True, True, False, False]
    assert found == Globs(["a*", "b"]) != Globs(["a*"])
    assert (len({found, Globs(["a*", "b"])}), repr(found)) == (1, "Globs(a*, b)")
    assert not any(found.match(f"c{number}") for number in range(2000))


def test_what_it_is_told_of_beside_goes_with_it() -> None:
    found = client(metadata={"cost-centre": "42"}, limits={"requestsPerMinute": 3})
    assert (dict(found.metadata), found.limits is not None) == ({"cost-centre": "42"}, True)
    assert (dict(client().metadata), client().limits) == ({}, None)
