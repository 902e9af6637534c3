"""Clients with keys, without a store.

minted = mint("rk")
force = replace(SNAPSHOT, clients=clients_of(client_key("team", minted, models=["m"])))
headers = bearer(minted)
"""

from fakes.states import stored

from reconciler.json_types import JsonValue
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.secrets.key_text import KeyText
from reconciler.snapshot.clients import NO_CLIENTS, Client, Clients, client_of, clients

_SETTINGS = Resource(ResourceKey("Settings", "default", "default"), {"auth": {"dataPlane": "keys"}})


def client_key(name: str, *keys: KeyText, namespace: str = "default", **spec: JsonValue) -> Resource:
    """A manifest. What is `spec`'s takes the place of what is said otherwise."""
    held: list[JsonValue] = [{"id": key.id, "hash": key.hash} for key in keys]
    return Resource(ResourceKey("ClientKey", namespace, name), {"enabled": True, "keys": held, **spec})


def clients_of(*declared: Resource, required: bool = True) -> Clients:
    """As they are compiled."""
    found = {each.key: stored(each) for each in (*declared, *([_SETTINGS] if required else []))}
    return clients(NO_CLIENTS, found, found)


def client(name: str = "team", namespace: str = "default", **spec: JsonValue) -> Client:
    return client_of(stored(client_key(name, namespace=namespace, **spec)))


def bearer(key: KeyText) -> dict[bytes, bytes]:
    return {b"authorization": b"Bearer " + key.text.encode()}
