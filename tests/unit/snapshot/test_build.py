from dataclasses import replace
from pathlib import Path

import pytest
from fakes.states import TIME, stored
from fakes.workshop import CIPHER, remote, secret, simulator

from reconciler.control.seal import Sealer
from reconciler.json_types import JsonObject
from reconciler.provider_types.base import Endpoint
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource
from reconciler.secrets.cipher import Cipher
from reconciler.settings import Reach
from reconciler.snapshot.build import ProviderBuilder, host_of, same_trust
from reconciler.snapshot.compile import Built, Resources
from reconciler.snapshot.model import Refusal, Upstream
from reconciler.store.records import VaultEntry

FAR = remote().key
ENVIRON = {"UP_API_KEY": "sk-env", "OTHER": "sk-other", "ROUTERCTL_TOKEN": "sk-own"}


class Vault:
    def __init__(self) -> None:
        self.entries: dict[str, VaultEntry] = {}

    def vault_entry(self, entry_id: str) -> VaultEntry | None:
        return self.entries.get(entry_id)

    def vault_fingerprints(self, places: object) -> dict[tuple[str, str], str]:
        return {}

    def seal(self, resource: Resource) -> Resource:
        sealer = Sealer(self, CIPHER)
        sealed = sealer.seal(resource, None)
        self.entries |= sealer.entries
        return sealed


def builder(vault: Vault | None = None, cipher: Cipher | None = CIPHER) -> ProviderBuilder:
    return ProviderBuilder(Reach(), ENVIRON, vault or Vault(), cipher)


def build(
    resource: Resource,
    *others: StoredResource,
    by: ProviderBuilder | None = None,
    previous: Upstream | None = None,
) -> Built:
    item = stored(resource, revision=3)
    resources: Resources = {each.key: each for each in (item, *others)}
    return (by or builder()).build(item, resources, previous)


def authorization(upstream: Upstream | None) -> str | None:
    assert upstream is not None
    request = upstream.adapter.encode(Endpoint.CHAT, b"{}")
    return dict(request.headers).get("authorization")


def reason(built: Built) -> str:
    assert built.refusal is not None
    return built.refusal.reason


ENV: JsonObject = {"valueFrom": {"env": "UP_API_KEY"}}
FROM_SECRET: JsonObject = {"valueFrom": {"secret": {"name": "keys", "key": "ONE"}}}


def test_a_provider_is_built_with_its_secret() -> None:
    built = build(remote(apiKey=ENV))
    assert built.refusal is None
    assert built.upstream is not None
    assert (built.upstream.transport, built.upstream.revision) == ("http", 3)
    assert authorization(built.upstream) == "Bearer sk-env"
    assert "sk-env" not in repr(built)
    assert "sk-env" not in repr(builder())
    assert "sk-env" not in built.upstream.fingerprint


def test_nothing_changed_is_the_very_same_upstream() -> None:
    by = builder()
    built = build(remote(apiKey=ENV), by=by)
    again = build(remote(apiKey=ENV), by=by, previous=built.upstream)
    assert again.upstream is built.upstream


def test_what_changes_in_place_keeps_the_connections() -> None:
    by = builder()
    built = build(remote(timeout="5s"), by=by)
    there = replace(remote(timeout="9s", connectTimeout="1s"), labels={"team": "a"})
    assert build(there, by=by, previous=built.upstream).upstream is built.upstream
    assert build(remote(host="b.example"), by=by, previous=built.upstream).upstream is not built.upstream


def test_another_secret_value_is_another_build() -> None:
    one = builder()
    other = replace(one, environ={"UP_API_KEY": "sk-new"})
    built = build(remote(apiKey=ENV), by=one)
    again = build(remote(apiKey=ENV), by=other, previous=built.upstream)
    assert authorization(again.upstream) == "Bearer sk-new"


def test_another_process_has_other_fingerprints() -> None:
    one, other = build(remote(), by=builder()), build(remote(), by=builder())
    assert one.upstream is not None
    assert other.upstream is not None
    assert one.upstream.fingerprint != other.upstream.fingerprint


def test_a_simulator_needs_nothing() -> None:
    built = build(simulator(text="x"))
    assert built.upstream is not None
    assert built.upstream.transport == "simulator"


@pytest.mark.parametrize(
    ("way", "word", "flag"),
    [
        ({"env": "OTHER"}, "not among those that manifests may read", "--allow-env OTHER"),
        ({"env": "MISSING_API_KEY"}, "is not set", "where routerctl is started"),
        ({"env": "ROUTERCTL_TOKEN"}, "routerctl's own", "another name"),
        ({"file": "/etc/hostname"}, "not in a folder that manifests may read", "--allow-file /etc"),
    ],
)
def test_what_may_not_be_reached_is_refused_with_the_way_to_allow_it(
    way: JsonObject, word: str, flag: str
) -> None:
    built = build(remote(apiKey={"valueFrom": way}))
    assert built.upstream is None
    assert built.refusal is not None
    assert (built.refusal.provider, built.refusal.serving) == (FAR, None)
    assert word in reason(built)
    assert flag in reason(built)
    assert "sk-" not in reason(built)


def test_a_file_in_an_allowed_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-file\n")
    by = replace(builder(), reach=Reach(file_folders=(str(tmp_path),)))
    built = build(remote(apiKey={"valueFrom": {"file": str(tmp_path / "key")}}), by=by)
    assert authorization(built.upstream) == "Bearer sk-file"


def test_a_sealed_value_opens_with_the_key_and_is_refused_without() -> None:
    vault = Vault()
    sealed = vault.seal(remote(apiKey="sk-literal"))
    assert authorization(build(sealed, by=builder(vault)).upstream) == "Bearer sk-literal"
    without = build(sealed, by=builder(vault, None))
    assert "there is no key" in reason(without)
    elsewhere = replace(sealed, key=FAR._replace(name="thief"))
    assert "was sealed for another place" in reason(build(elsewhere, by=builder(vault)))


def test_a_refused_provider_goes_on_with_what_it_had() -> None:
    by = builder()
    before = build(remote(apiKey=ENV), by=by).upstream
    assert before is not None
    built = build(remote(apiKey={"valueFrom": {"env": "MISSING_API_KEY"}}), by=by, previous=before)
    assert built.upstream is before
    assert built.refusal == Refusal(FAR, reason(built), 3)


def test_what_was_never_built_here_is_built_as_it_last_was() -> None:
    then = stored(remote(apiKey=ENV), revision=1)

    def earlier(provider: ResourceKey) -> tuple[int, Resources] | None:
        return (1, {FAR: then}) if provider == FAR else None

    by = replace(builder(), earlier=earlier)
    built = build(remote(apiKey={"valueFrom": {"env": "MISSING_API_KEY"}}), by=by)
    assert authorization(built.upstream) == "Bearer sk-env"
    assert built.refusal is not None
    assert built.refusal.serving == 1


def test_what_could_not_be_built_then_either_has_no_build() -> None:
    missing = remote(apiKey={"valueFrom": {"env": "MISSING_API_KEY"}})
    then = {FAR: stored(missing, revision=1)}
    for found in ((1, then), (1, {}), None):

        def earlier(
            _: ResourceKey, found: tuple[int, Resources] | None = found
        ) -> tuple[int, Resources] | None:
            return found

        by = replace(builder(), earlier=earlier)
        built = build(missing, by=by)
        assert built.upstream is None
        assert built.refusal is not None
        assert built.refusal.serving is None


def test_a_config_that_is_not_valid_any_more_is_refused_without_its_text() -> None:
    broken = replace(remote(), spec={"type": "openai-compatible", "config": {"baseURL": "ftp://sk-secret"}})
    assert reason(build(broken)) == "its stored config is not valid any more"


def kept(
    resource: Resource, source: str | None = "acme", by: str = "git:acme", *fields: str
) -> StoredResource:
    owned: JsonObject = {f"f:{name}": {} for name in fields}
    manager = FieldManager(by, "Apply", {"f:spec": {"f:config": owned}}, TIME)
    return replace(stored(resource, manager), source=source)


def test_a_secret_goes_to_its_hosts_alone() -> None:
    vault = Vault()
    keys = stored(vault.seal(secret(ONE="sk-one", hosts=["A.example"])))
    by = builder(vault)
    assert authorization(build(remote(apiKey=FROM_SECRET), keys, by=by).upstream) == "Bearer sk-one"
    refused = build(remote(host="evil.example", apiKey=FROM_SECRET), keys, by=by)
    assert refused.upstream is None
    assert "Secret/keys may not go to evil.example" in reason(refused)
    assert "write in spec of Secret/keys: hosts: [A.example, evil.example]" in reason(refused)


def test_a_secret_without_hosts_goes_to_its_own_source() -> None:
    vault = Vault()
    by = builder(vault)
    provider = remote(apiKey=FROM_SECRET)
    keys = kept(vault.seal(secret(ONE="sk-one")), "acme")
    assert authorization(build(provider, keys, by=by).upstream) == "Bearer sk-one"
    refused = build(provider, replace(keys, source="other"), by=by)
    assert "write in spec of Secret/keys: hosts: [a.example]" in reason(refused)


def test_trust_is_one_source_or_both_fields_written_here() -> None:
    keys = kept(secret(ONE="x"), "theirs")
    here = kept(remote(), "other", "cli:ada", "baseURL", "apiKey")
    assert same_trust(here, keys, "apiKey")
    assert not same_trust(kept(remote(), "other", "cli:ada", "apiKey"), keys, "apiKey")
    assert not same_trust(kept(remote(), "other", "git:other", "baseURL", "apiKey"), keys, "apiKey")
    assert same_trust(kept(remote(), "theirs", "git:theirs"), keys, "apiKey")
    assert not same_trust(replace(keys, source=None), replace(keys, source=None), "apiKey")
    url = FieldManager("git:other", "Apply", {"f:spec": {"f:config": {"f:baseURL": {}}}}, TIME)
    both = replace(here, managed_fields=(*here.managed_fields, url))
    assert not same_trust(both, keys, "apiKey")


def test_a_secret_that_is_gone_or_lacks_the_key_is_named() -> None:
    assert "Secret/keys does not exist" in reason(build(remote(apiKey=FROM_SECRET)))
    other = kept(secret(TWO="x"))
    assert 'holds no key "ONE"' in reason(build(remote(apiKey=FROM_SECRET), other))


def test_the_host_is_the_base_urls() -> None:
    assert host_of({"baseURL": "https://A.example:8443/v1"}) == "a.example"
    assert host_of({}) is None
