from fakes.workshop import CIPHER, remote, secret, simulator, workshop

from reconciler.control.revealing import Revealer
from reconciler.json_types import value_at
from reconciler.resources.resource import ResourceKey
from reconciler.secrets.cipher import Cipher, Place
from reconciler.secrets.keys import Keyring, MasterKey
from reconciler.secrets.value import SecretValue

FAR = ResourceKey("Provider", "default", "far")
NEAR = FAR._replace(name="near")
KEYS = ResourceKey("Secret", "default", "keys")
API_KEY = ("config", "apiKey")


def test_sealed_values_are_opened_and_references_stay() -> None:
    with workshop() as shop:
        text = CIPHER.public_key.seal(
            Place("default", "Provider", "near", "spec.config.apiKey"), SecretValue("sk-2")
        )
        env = remote("env", apiKey={"valueFrom": {"env": "X_API_KEY"}})
        keys = secret(hosts=["a.example"], K="s-3")
        shop.write(
            "all.yaml", remote(apiKey="sk-1"), remote("near", apiKey={"sealed": text}), env, keys, simulator()
        )
        shop.apply()
        state = shop.reader.state()
        revealer = Revealer(shop.reader, CIPHER)
        shown = revealer.revealed(state)
        assert value_at(shown[FAR].resource.spec, API_KEY) == "sk-1"
        assert value_at(shown[NEAR].resource.spec, API_KEY) == "sk-2"
        assert value_at(shown[KEYS].resource.spec, ("data", "K")) == {"value": "s-3"}
        assert shown[env.key] == state[env.key]
        assert revealer.closed == {}

        other = Revealer(shop.reader, Cipher(Keyring([MasterKey(bytes(32))])))
        assert other.revealed(state) == dict(state.items())
        assert {key for key, _ in other.closed} == {FAR, NEAR, KEYS}


def test_what_the_vault_does_not_hold_stays() -> None:
    class Empty:
        def vault_entry(self, _entry_id: str) -> None:
            return None

        def vault_fingerprints(self, _places: object) -> dict[tuple[str, str], str]:
            return {}

    with workshop() as shop:
        shop.write("all.yaml", remote(apiKey="sk-1"))
        shop.apply()
        revealer = Revealer(Empty(), CIPHER)
        state = shop.reader.state()
        assert revealer.revealed(state) == dict(state.items())
        assert "is not in this store" in revealer.closed[FAR, "spec.config.apiKey"]
