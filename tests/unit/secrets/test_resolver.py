from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from reconciler.errors import InvalidInput, NotTrusted, SecretError
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.secrets.cipher import Cipher, Place
from reconciler.secrets.keys import Keyring, MasterKey
from reconciler.secrets.references import FromEnv, FromFile, FromSecret, Literal, Sealed, SealedHere, parse
from reconciler.secrets.resolver import Resolver, Trust
from reconciler.secrets.value import SecretValue
from reconciler.settings import Reach

PLACE = Place("default", "Provider", "openai", "spec.config.apiKey")
ENTRY = Place("default", "Secret", "keys", "spec.data.openai")
CIPHER = Cipher(Keyring([MasterKey(bytes(32))]))
HOST = "api.openai.com"


def trusted(_secret: ResourceKey, _entry: str) -> Trust:
    return Trust(hosts=True, resource=True)


def by_hosts(_secret: ResourceKey, _entry: str) -> Trust:
    return Trust(hosts=True, resource=False)


@dataclass(frozen=True)
class Entry:
    ciphertext: bytes
    key_id: str


@dataclass
class Vault:
    entries: dict[str, Entry] = field(default_factory=dict)

    def add(self, entry_id: str, place: Place, text: str) -> None:
        sealed = CIPHER.seal(place, SecretValue(text))
        self.entries[entry_id] = Entry(sealed.ciphertext, sealed.key_id)

    def vault_entry(self, entry_id: str) -> Entry | None:
        return self.entries.get(entry_id)


def secret(spec: JsonObject, name: str = "keys", namespace: str = "default") -> Resource:
    return Resource(ResourceKey("Secret", namespace, name), spec)


def resolver(
    *secrets: Resource,
    vault: Vault | None = None,
    environ: Mapping[str, str] | None = None,
    cipher: Cipher | None = CIPHER,
    reach: Reach | None = None,
) -> Resolver:
    by_key = {each.key: each for each in secrets}
    return Resolver(reach or Reach(), environ or {}, vault or Vault(), cipher, by_key.get)


def entry(value: JsonValue, hosts: list[JsonValue] | None = None) -> Resource:
    return secret({"hosts": hosts or [], "data": {"openai": value}})


def test_a_literal_is_itself() -> None:
    value = SecretValue("x")
    assert resolver().resolve(Literal(value), place=PLACE, host=HOST) is value


def test_a_variable_and_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from file\n")
    found = resolver(environ={"X_TOKEN": "from env"}, reach=Reach(file_folders=(str(tmp_path),)))
    assert found.resolve(FromEnv("X_TOKEN"), place=PLACE, host=None).reveal() == "from env"
    assert found.resolve(FromFile(str(tmp_path / "key")), place=PLACE, host=None).reveal() == "from file"


def test_a_sealed_value_opens_at_its_place() -> None:
    vault = Vault()
    vault.add("v-1", PLACE, "x")
    assert resolver(vault=vault).resolve(Sealed("v-1"), place=PLACE, host=HOST).reveal() == "x"
    with pytest.raises(SecretError, match="another place"):
        resolver(vault=vault).resolve(Sealed("v-1"), place=PLACE._replace(name="mine"), host=HOST)


def test_a_sealed_value_that_is_not_there() -> None:
    with pytest.raises(
        SecretError, match=r"v-1 of default/Provider/openai/spec\.config\.apiKey is not in this store"
    ):
        resolver().resolve(Sealed("v-1"), place=PLACE, host=HOST)


def test_a_sealed_value_without_a_key() -> None:
    vault = Vault()
    vault.add("v-1", PLACE, "x")
    with pytest.raises(SecretError, match="there is no key") as caught:
        resolver(vault=vault, cipher=None).resolve(Sealed("v-1"), place=PLACE, host=HOST)
    assert caught.value.hint == "give it in ROUTERCTL_ENCRYPTION_KEY or ROUTERCTL_ENCRYPTION_KEY_FILE"


def test_a_key_that_can_not_be_used_is_said_with_its_reason() -> None:
    vault = Vault()
    vault.add("v-1", PLACE, "x")
    found = replace(
        resolver(vault=vault, cipher=None),
        key_problem=SecretError("the key is another's", hint="give this one's"),
    )
    with pytest.raises(
        SecretError, match=r"is sealed with the key [0-9a-f]+, and the key is another's"
    ) as caught:
        found.resolve(Sealed("v-1"), place=PLACE, host=HOST)
    assert caught.value.hint == "give this one's"


def test_a_secret_is_followed_to_its_entry() -> None:
    vault = Vault()
    vault.add("v-2", ENTRY, "sealed")
    for written, text in [
        ({"sealed": "v-2"}, "sealed"),
        ({"valueFrom": {"env": "X_TOKEN"}}, "env"),
        ({"value": "literal"}, "literal"),
    ]:
        found = resolver(entry(written, [HOST]), vault=vault, environ={"X_TOKEN": "env"})  # type: ignore[arg-type]  # a dict of JSON
        assert (
            found.resolve(FromSecret("keys", "openai"), place=PLACE, host=HOST, trust=by_hosts).reveal()
            == text
        )


def test_a_secret_leads_to_no_other_secret() -> None:
    nested = entry({"valueFrom": {"secret": {"name": "keys", "key": "openai"}}}, [HOST])
    with pytest.raises(InvalidInput):
        resolver(nested).resolve(FromSecret("keys", "openai"), place=PLACE, host=HOST, trust=by_hosts)


def test_a_secret_of_another_namespace_is_not_found() -> None:
    other = secret({"data": {"openai": {"value": "x"}}}, namespace="team")
    with pytest.raises(SecretError, match="Secret/keys does not exist"):
        resolver(other).resolve(FromSecret("keys", "openai"), place=PLACE, host=HOST)
    team = PLACE._replace(namespace="team")
    found = resolver(other).resolve(FromSecret("keys", "openai"), place=team, host=HOST, trust=trusted)
    assert found.reveal() == "x"


@pytest.mark.parametrize(
    ("spec", "hint"),
    [
        ({"data": {"b": {"value": "canary"}, "a": {"value": "canary"}}}, "it holds: a, b"),
        ({"data": {}}, "it holds: none"),
        ({}, "it holds: none"),
    ],
)
def test_a_key_that_a_secret_does_not_hold(spec: JsonObject, hint: str) -> None:
    with pytest.raises(SecretError) as caught:
        resolver(secret(spec)).resolve(FromSecret("keys", "openai"), place=PLACE, host=HOST)
    assert caught.value.message == 'Secret/keys holds no key "openai"'
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("hosts", "host"),
    [
        ([HOST], HOST),
        (["other", HOST], HOST),
        ([HOST.upper()], HOST),
        ([HOST], HOST.upper()),
        (["[::1]"], "::1"),
    ],
)
def test_a_value_goes_to_the_hosts_of_its_secret(hosts: list[JsonValue], host: str) -> None:
    found = resolver(entry({"value": "x"}, hosts))
    assert found.resolve(FromSecret("keys", "openai"), place=PLACE, host=host, trust=by_hosts).reveal() == "x"


@pytest.mark.parametrize(
    "host", ["evil.example", "xapi.openai.com", "api.openai.com.evil.example", "openai.com", ""]
)
def test_it_goes_to_no_other_host_whatever_the_trust(host: str) -> None:
    found = resolver(entry({"value": "canary"}, [HOST]))
    with pytest.raises(SecretError) as caught:
        found.resolve(FromSecret("keys", "openai"), place=PLACE, host=host, trust=trusted)
    assert caught.value.message == f"Secret/keys may not go to {host}"
    assert "canary" not in str(caught.value)


def test_the_refusal_prints_the_line_that_would_allow_it() -> None:
    found = resolver(entry({"value": "x"}, [HOST]))
    for host, line in [("localhost", f"[{HOST}, localhost]"), ("::1", f'[{HOST}, "::1"]')]:
        with pytest.raises(SecretError) as caught:
            found.resolve(FromSecret("keys", "openai"), place=PLACE, host=host, trust=by_hosts)
        assert caught.value.hint == f"to allow it, write in spec of Secret/keys: hosts: {line}"


def test_without_hosts_trust_decides() -> None:
    found = resolver(entry({"value": "x"}))
    asked: list[tuple[ResourceKey, str]] = []

    def ask(key: ResourceKey, entry_key: str) -> Trust:
        asked.append((key, entry_key))
        return Trust(hosts=False, resource=True)

    reference = FromSecret("keys", "openai")
    assert found.resolve(reference, place=PLACE, host=HOST, trust=ask).reveal() == "x"
    assert asked == [(ResourceKey("Secret", "default", "keys"), "openai")]
    with pytest.raises(NotTrusted) as caught:
        found.resolve(reference, place=PLACE, host=HOST)
    assert caught.value.hint == f"to allow it, write in spec of Secret/keys: hosts: [{HOST}]"


def test_hosts_that_do_not_count_allow_nothing_and_are_not_repeated() -> None:
    found = resolver(entry({"value": "canary"}, ["evil.example"]))
    reference = FromSecret("keys", "openai")
    with pytest.raises(NotTrusted) as caught:
        found.resolve(reference, place=PLACE, host="evil.example")
    assert caught.value.hint == (
        "to allow it, write in spec of Secret/keys: hosts: [evil.example]\n"
        "  those written now don't count: only the one source that declares the value may write them"
    )
    with pytest.raises(NotTrusted, match=r"hosts: \[api.openai.com\]"):
        found.resolve(reference, place=PLACE, host=HOST)
    own = Trust(hosts=False, resource=True)
    assert found.resolve(reference, place=PLACE, host=HOST, trust=lambda *_: own).reveal() == "canary"


def test_the_guard_alone_reads_no_value() -> None:
    written: JsonValue = {"valueFrom": {"env": "MISSING_TOKEN"}}
    found = resolver(entry(written, [HOST]))
    reference = FromSecret("keys", "openai")
    assert found.guard(reference, place=PLACE, host=HOST, trust=by_hosts) == written
    with pytest.raises(NotTrusted):
        found.guard(reference, place=PLACE, host="evil.example", trust=by_hosts)


@pytest.mark.parametrize("hosts", [[HOST], []])
def test_a_resource_without_a_host(hosts: list[JsonValue]) -> None:
    found = resolver(entry({"value": "x"}, hosts))
    with pytest.raises(SecretError, match="this resource names none"):
        found.resolve(FromSecret("keys", "openai"), place=PLACE, host=None, trust=by_hosts)


def test_a_field_as_it_is_written() -> None:
    reference = parse({"valueFrom": {"secret": {"name": "keys", "key": "openai"}}})
    assert (
        resolver(entry({"value": "x"}, [HOST]))
        .resolve(reference, place=PLACE, host=HOST, trust=by_hosts)
        .reveal()
        == "x"
    )


def test_the_environment_is_not_shown() -> None:
    assert "canary" not in repr(resolver(environ={"X_TOKEN": "canary"}))


def test_a_sealed_text_opens_at_its_place_and_nowhere_else() -> None:
    text = CIPHER.public_key.seal(PLACE, SecretValue("x"))
    assert resolver().resolve(SealedHere(text), place=PLACE, host=HOST).reveal() == "x"
    with pytest.raises(SecretError, match="another place"):
        resolver().resolve(SealedHere(text), place=PLACE._replace(name="mine"), host=HOST)


def test_a_sealed_text_of_a_secret_opens_at_the_place_of_the_secret() -> None:
    text = CIPHER.public_key.seal(ENTRY, SecretValue("x"))
    found = resolver(entry({"sealed": text}))
    value = found.resolve(FromSecret("keys", "openai"), place=PLACE, host=HOST, trust=trusted)
    assert value.reveal() == "x"


def test_a_sealed_text_without_a_key_tells_what_it_needs() -> None:
    text = CIPHER.public_key.seal(PLACE, SecretValue("x"))
    with pytest.raises(SecretError) as refused:
        resolver(cipher=None).resolve(SealedHere(text), place=PLACE, host=HOST)
    assert f"is sealed to the public key {CIPHER.public_key.id}, and there is no key" in str(refused.value)


def test_a_file_is_told_before_it_is_read(tmp_path: Path) -> None:
    told: list[str] = []
    file = tmp_path / "key"
    found = replace(resolver(reach=Reach(file_folders=(str(tmp_path),))), reading=told.append)
    with pytest.raises(SecretError, match="can't be read"):
        found.resolve(FromFile(str(file)), place=PLACE, host=HOST)
    file.write_text("x")
    assert found.resolve(FromFile(str(file)), place=PLACE, host=HOST).reveal() == "x"
    assert told == [str(file)] * 2
