from reconciler.control.imperative.creation import Creation, new
from reconciler.control.imperative.providing import put
from reconciler.control.imperative.sealing import sealed_rewrites
from reconciler.json_types import JsonObject, JsonValue, value_at
from reconciler.resources.resource import ResourceKey
from reconciler.secrets.cipher import Cipher
from reconciler.secrets.keys import Keyring, MasterKey
from reconciler.secrets.place import Place
from reconciler.secrets.sealing import PublicKey

KEY = ResourceKey("Provider", "default", "p")
PLACE = Place("default", "Provider", "p", "spec.config.apiKey")
CIPHER = Cipher(Keyring([MasterKey(b"k" * 32)]))
FIELD = ("config", "apiKey")


def no_key() -> PublicKey:
    raise AssertionError("nobody asked for it to be sealed")


def key_at(document: JsonValue) -> JsonValue:
    assert isinstance(document, dict)
    return value_at(document, ("spec", *FIELD))


def opened(document: JsonValue) -> str:
    text = value_at(key_at(document), ("sealed",))
    assert isinstance(text, str)
    return CIPHER.open_text(PLACE, text).reveal()


def test_a_secret_that_is_written_is_sealed_once() -> None:
    (rewrite,) = sealed_rewrites({KEY: put({FIELD: "sk-1"})}, lambda: CIPHER.public_key).values()
    assert rewrite is not None
    first, again = rewrite({"spec": {}}), rewrite({"spec": {"priority": 3}})
    assert opened(first) == "sk-1"
    assert key_at(first) == key_at(again)


def test_what_stood_there_before_and_references_stay() -> None:
    held: JsonObject = {"spec": {"config": {"apiKey": "sk-old"}}}
    (rewrite,) = sealed_rewrites({KEY: put({("priority",): 3})}, no_key).values()
    assert rewrite is not None
    assert key_at(rewrite(held)) == "sk-old"
    reference: JsonValue = {"valueFrom": {"env": "A"}}
    (rewrite,) = sealed_rewrites({KEY: put({FIELD: reference})}, no_key).values()
    assert rewrite is not None
    assert key_at(rewrite(held)) == reference


def test_what_is_made_and_what_is_deleted() -> None:
    spec: JsonObject = {"type": "ollama", "config": {"apiKey": "sk-1"}}
    made = sealed_rewrites({KEY: new(KEY, spec)}, lambda: CIPHER.public_key)[KEY]
    assert isinstance(made, Creation)
    assert opened(made.make()) == "sk-1"
    both = Creation(KEY, dict, put({FIELD: "sk-2"}))
    changed = sealed_rewrites({KEY: both}, lambda: CIPHER.public_key)[KEY]
    assert changed is not None
    assert opened(changed({"spec": {}})) == "sk-2"
    assert sealed_rewrites({KEY: None}, no_key) == {KEY: None}


def test_what_is_no_object_is_somebody_elses_to_say() -> None:
    (rewrite,) = sealed_rewrites({KEY: lambda _: "text"}, no_key).values()
    assert rewrite is not None
    assert rewrite({}) == "text"
