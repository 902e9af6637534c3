from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.programs import ENVIRON as PROGRAMS
from fakes.programs import script
from fakes.states import TIME, stored
from fakes.workshop import CIPHER, remote, secret, simulator

from reconciler.control.seal import Sealer
from reconciler.errors import StoreError
from reconciler.json_types import JsonObject
from reconciler.log import FORMAT, DiscreetFormatter
from reconciler.provider_types.base import Adapter, Endpoint, ProviderType
from reconciler.provider_types.catalog import PROVIDER_TYPES
from reconciler.provider_types.config import ProviderConfig
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource
from reconciler.secrets.cipher import Cipher
from reconciler.settings import Reach
from reconciler.snapshot.build import ProviderBuilder
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


class Before:
    """The past: what a worker acknowledged, and the resources by revision."""

    def __init__(
        self, acknowledged: int | None = None, states: Mapping[int, Sequence[StoredResource]] | None = None
    ) -> None:
        self.revision = acknowledged
        self.states = states or {}

    def acknowledged(self, provider: ResourceKey) -> int | None:
        return self.revision if provider == FAR else None

    def get(self, key: ResourceKey, *, at: int) -> StoredResource | None:
        return next((item for item in self.states.get(at, ()) if item.key == key), None)


def builder(
    vault: Vault | None = None, cipher: Cipher | None = CIPHER, past: Before | None = None
) -> ProviderBuilder:
    return ProviderBuilder(Reach(), ENVIRON, vault or Vault(), past or Before(), cipher)


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
    there = replace(
        remote(timeout="9s", connectTimeout="1s", firstByteTimeout="2s", idleTimeout="3s"),
        labels={"team": "a"},
    )
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


MISSING: JsonObject = {"valueFrom": {"env": "MISSING_API_KEY"}}


@pytest.mark.parametrize("acknowledged", [None, 1])
def test_a_refused_provider_goes_on_with_what_it_had(acknowledged: int | None) -> None:
    by = builder(past=Before(acknowledged, {3: [stored(remote(apiKey=ENV), revision=3)]}))
    before = build(remote(apiKey=ENV), by=by).upstream
    assert before is not None
    built = build(remote(apiKey=MISSING), by=by, previous=before)
    assert built.upstream is before
    assert built.refusal == Refusal(FAR, reason(built), 3, "SecretError")


def test_what_was_never_built_here_is_built_as_it_last_was() -> None:
    by = builder(past=Before(1, {1: [stored(remote(apiKey=ENV), revision=1)]}))
    built = build(remote(apiKey=MISSING), by=by)
    assert authorization(built.upstream) == "Bearer sk-env"
    assert built.refusal is not None
    assert built.refusal.serving == 1


def test_what_could_not_be_built_then_either_has_no_build() -> None:
    for past in (Before(1, {1: [stored(remote(apiKey=MISSING))]}), Before(1), Before()):
        built = build(remote(apiKey=MISSING), by=builder(past=past))
        assert built.upstream is None
        assert built.refusal is not None
        assert built.refusal.serving is None


def test_another_provider_of_the_same_name_does_not_come_back() -> None:
    deleted = replace(stored(remote(apiKey=ENV), revision=1), uid="another")
    by = builder(past=Before(1, {1: [deleted]}))
    old = by.build(deleted, {FAR: deleted}, None).upstream
    assert authorization(old) == "Bearer sk-env"
    for previous in (old, None):
        assert build(remote(apiKey=MISSING), by=by, previous=previous).upstream is None


@pytest.mark.parametrize(
    "way", [{"env": "OTHER"}, {"env": "ROUTERCTL_TOKEN"}, {"file": "/etc/hostname"}], ids=str
)
def test_what_a_guard_refuses_ends_what_was_built(way: JsonObject) -> None:
    by = builder(past=Before(3, {3: [stored(remote(apiKey=ENV), revision=3)]}))
    before = build(remote(apiKey=ENV), by=by).upstream
    assert before is not None
    for previous in (before, None):
        built = build(remote(apiKey={"valueFrom": way}), by=by, previous=previous)
        assert built == Built(None, Refusal(FAR, reason(built), None, "NotTrusted"))


def broken_type(message: str = "sk-canary") -> ProviderType:
    def fail(config: ProviderConfig, secrets: object) -> Adapter:
        raise ZeroDivisionError(message)

    return ProviderType("broken", ProviderConfig, "http", fail)


def test_a_bug_refuses_one_provider_and_is_logged_once_a_revision(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(
        "reconciler.snapshot.stored_provider.PROVIDER_TYPES", {"broken": broken_type(), **PROVIDER_TYPES}
    )
    whole, broken = stored(remote(apiKey=ENV), revision=3), replace(remote(), spec={"type": "broken"})
    by = builder(past=Before(3, {3: [whole]}))
    before = by.build(whole, {FAR: whole}, None).upstream
    for _ in range(2):
        built = build(broken, by=by, previous=before)
        assert built == Built(before, Refusal(FAR, "could not be built (ZeroDivisionError)", 3, "Internal"))
    by.build(stored(broken, revision=4), {}, None)
    assert [record.getMessage() for record in caplog.records] == [
        "Provider/far could not be built, because of a bug"
    ] * 2
    told = "".join(DiscreetFormatter(FORMAT).format(record) for record in caplog.records)
    assert "ZeroDivisionError" in told
    assert "sk-canary" not in told


def test_a_bug_in_an_earlier_build_leaves_the_refusal_as_it_is(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(
        "reconciler.snapshot.stored_provider.PROVIDER_TYPES", {"broken": broken_type(), **PROVIDER_TYPES}
    )
    then = stored(replace(remote(), spec={"type": "broken"}), revision=1)
    built = build(remote(apiKey=MISSING), by=builder(past=Before(1, {1: [then]})))
    assert built.upstream is None
    assert "MISSING_API_KEY is not set" in reason(built)
    assert len(caplog.records) == 1


def test_a_store_that_can_not_be_read_is_no_providers_fault() -> None:
    class Gone(Before):
        def get(self, key: ResourceKey, *, at: int) -> StoredResource | None:
            raise StoreError("the store can't be read")

    with pytest.raises(StoreError):
        build(remote(apiKey=MISSING), by=builder(past=Gone(1)))


def test_a_type_that_this_release_does_not_know_is_named() -> None:
    built = build(replace(remote(), spec={"type": "newer\x1b[2J", "config": {}}))
    assert reason(built) == (
        f'this release knows no provider type "newer\\u001b[2J"\n  it knows: {", ".join(PROVIDER_TYPES)}'
    )


def test_a_config_that_is_not_valid_any_more_is_refused_without_its_text() -> None:
    broken = replace(remote(), spec={"type": "openai-compatible", "config": {"baseURL": "ftp://sk-secret"}})
    assert reason(build(broken)) == "its stored config is not valid any more"


def keys_of(
    vault: Vault, *hosts: str, by: str = "git:acme", written: JsonObject | None = None
) -> StoredResource:
    """A Secret, all of it declared by one manager."""
    resource = secret(ONE="sk-one", hosts=hosts)
    if written is not None:
        resource = replace(resource, spec={**resource.spec, "data": {"ONE": written}})
    fields: JsonObject = {"f:spec": {"f:hosts": {}, "f:data": {"f:ONE": {}}}}
    return stored(vault.seal(resource), FieldManager(by, "Apply", fields, TIME))


def test_a_secret_goes_to_its_hosts_alone() -> None:
    vault = Vault()
    keys, by = keys_of(vault, "A.example"), builder(vault)
    assert authorization(build(remote(apiKey=FROM_SECRET), keys, by=by).upstream) == "Bearer sk-one"
    refused = build(remote(host="evil.example", apiKey=FROM_SECRET), keys, by=by)
    assert refused.upstream is None
    assert "Secret/keys may not go to evil.example" in reason(refused)
    assert "write in spec of Secret/keys: hosts: [A.example, evil.example]" in reason(refused)


def test_a_secret_without_hosts_goes_where_its_own_source_says() -> None:
    vault = Vault()
    by = builder(vault)
    fields: JsonObject = {"f:spec": {"f:config": {"f:baseURL": {}, "f:apiKey": {}}}}
    provider = stored(remote(apiKey=FROM_SECRET), FieldManager("git:acme", "Apply", fields, TIME))
    own, anothers = (
        by.build(provider, {FAR: provider, keys.key: keys}, None)
        for keys in (keys_of(vault), keys_of(vault, by="git:other"))
    )
    assert authorization(own.upstream) == "Bearer sk-one"
    assert anothers.upstream is None
    assert "write in spec of Secret/keys: hosts: [a.example]" in reason(anothers)


def test_a_host_that_is_revoked_gets_no_key_any_more() -> None:
    """Neither from the build at hand, nor from an earlier one, nor when the new host's key is missing too."""
    vault = Vault()
    then, keys = stored(remote(apiKey=FROM_SECRET), revision=1), keys_of(vault, "a.example", "b.example")
    by = builder(vault, past=Before(1, {1: [then, keys]}))
    before = by.build(then, {FAR: then, keys.key: keys}, None).upstream
    assert authorization(before) == "Bearer sk-one"
    revoked, missing = keys_of(vault, "b.example"), keys_of(vault, "b.example", written=MISSING)
    for previous in (before, None):
        built = build(remote(apiKey=FROM_SECRET), revoked, by=by, previous=previous)
        assert built == Built(None, Refusal(FAR, reason(built), None, "NotTrusted"))
        moved = build(remote(host="b.example", apiKey=FROM_SECRET), missing, by=by, previous=previous)
        assert moved.upstream is None
        assert "MISSING_API_KEY is not set" in reason(moved)


def test_a_build_goes_on_where_its_host_may_still_have_the_key() -> None:
    vault = Vault()
    then, keys = stored(remote(apiKey=FROM_SECRET), revision=1), keys_of(vault, "a.example")
    by = builder(vault, past=Before(1, {1: [then, keys]}))
    before = by.build(then, {FAR: then, keys.key: keys}, None).upstream
    missing = keys_of(vault, "a.example", written=MISSING)
    kept = build(remote(apiKey=FROM_SECRET), missing, by=by, previous=before)
    assert kept.upstream is before
    anew = build(remote(apiKey=FROM_SECRET), missing, by=by)
    assert authorization(anew.upstream) == "Bearer sk-one"


def test_a_secret_that_is_gone_or_lacks_the_key_is_named() -> None:
    assert "Secret/keys does not exist" in reason(build(remote(apiKey=FROM_SECRET)))
    other = stored(secret(TWO="x"))
    assert 'holds no key "ONE"' in reason(build(remote(apiKey=FROM_SECRET), other))


def test_a_program_is_built_where_the_process_allows_it_and_a_guards_no_ends_it(tmp_path: Path) -> None:
    tool = script(tmp_path, "tool", "cat")
    given = Resource(FAR, {"type": "cli", "config": {"executable": str(tool)}})
    allowed = replace(builder(), environ=PROGRAMS, reach=Reach(executables=(str(tool),)))
    built = build(given, by=allowed)
    assert built.upstream is not None
    assert built.upstream.program is not None
    assert build(given, by=allowed, previous=built.upstream).upstream is built.upstream
    other = replace(allowed, environ={**PROGRAMS, "LANG": "de_DE.UTF-8"})
    assert build(given, by=other, previous=built.upstream).upstream is not built.upstream
    refused = build(given, by=replace(allowed, reach=Reach()), previous=built.upstream)
    assert refused.upstream is None
    assert f"start with --allow-exec {tool}" in reason(refused)
    tool.unlink()
    kept = build(
        given, by=replace(allowed, past=Before(3, {3: [stored(given, revision=3)]})), previous=built.upstream
    )
    assert "no such file" in reason(kept)
