"""A provider with `config.tls`, built."""

from pathlib import Path

import pytest
from fakes.certificates import authority
from fakes.states import stored
from fakes.workshop import CIPHER, remote

from reconciler.control.seal import Sealer
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.settings import Reach
from reconciler.snapshot.build import ProviderBuilder
from reconciler.snapshot.compile import Built
from reconciler.snapshot.model import Upstream
from reconciler.snapshot.tls import UpstreamTLS
from reconciler.store.records import VaultEntry


class Vault:
    def __init__(self) -> None:
        self.entries: dict[str, VaultEntry] = {}

    def vault_entry(self, entry_id: str) -> VaultEntry | None:
        return self.entries.get(entry_id)

    def vault_fingerprints(self, places: object) -> dict[tuple[str, str], str]:
        return {}


class NoPast:
    def acknowledged(self, provider: ResourceKey) -> int | None:
        return None

    def get(self, key: ResourceKey, *, at: int) -> StoredResource | None:
        return None


def builder(folder: Path, vault: Vault | None = None) -> ProviderBuilder:
    reach = Reach(file_folders=(str(folder),))
    return ProviderBuilder(reach, {"UP_API_KEY": "sk-env"}, vault or Vault(), NoPast(), CIPHER)


def build(resource: Resource, by: ProviderBuilder, previous: Upstream | None = None) -> Built:
    item = stored(resource, revision=3)
    return by.build(item, {item.key: item}, previous)


def test_a_provider_is_built_with_its_own_trust_and_key(tmp_path: Path) -> None:
    certificate, key = authority().client_pem()
    (tmp_path / "key").write_text(key, encoding="ascii")
    vault, by = Vault(), builder(tmp_path)
    tls: JsonObject = {
        "ca": authority().pem,
        "cert": certificate,
        "key": {"valueFrom": {"file": str(tmp_path / "key")}},
        "serverName": "llm.internal",
    }
    built = build(remote(tls=tls), by)
    assert built.refusal is None
    assert built.upstream is not None
    assert isinstance(built.upstream.tls, UpstreamTLS)
    assert built.upstream.tls.server_name == "llm.internal"
    assert build(remote(tls=tls), by, built.upstream).upstream is built.upstream
    sealer = Sealer(vault, CIPHER)
    sealed = sealer.seal(remote(tls={**tls, "key": key}), None)
    vault.entries |= sealer.entries
    assert "PRIVATE" not in str(sealed.spec)
    assert build(sealed, builder(tmp_path, vault)).refusal is None


def test_another_content_of_a_file_is_another_upstream(tmp_path: Path) -> None:
    file, by = tmp_path / "ca.pem", builder(tmp_path)
    file.write_text(authority().pem, encoding="ascii")
    built = build(remote(tls={"caFile": str(file)}), by)
    assert build(remote(tls={"caFile": str(file)}), by, built.upstream).upstream is built.upstream
    file.write_text(authority().pem * 2, encoding="ascii")
    again = build(remote(tls={"caFile": str(file)}), by, built.upstream)
    assert again.upstream is not None
    assert again.upstream is not built.upstream


@pytest.mark.parametrize(
    ("tls", "said"),
    [
        ({"caFile": "/etc/hosts"}, "the file /etc/hosts is not in a folder that manifests may read"),
        ({"caFile": "{folder}/none"}, "can't be read: no such file or directory"),
        ({"caFile": "{folder}/text"}, "the certificates of tls.ca can't be read"),
        (
            {"certFile": "{folder}/text", "key": {"valueFrom": {"env": "UP_API_KEY"}}},
            "the certificate or tls.key can't be read",
        ),
    ],
)
def test_a_trust_that_can_not_be_had_is_the_providers_refusal(
    tls: dict[str, JsonValue], said: str, tmp_path: Path
) -> None:
    (tmp_path / "text").write_text("no certificate", encoding="ascii")
    placed: JsonObject = {
        name: value.format(folder=tmp_path) if isinstance(value, str) else value
        for name, value in tls.items()
    }
    refusal = build(remote(tls=placed), builder(tmp_path)).refusal
    assert refusal is not None
    assert said in refusal.reason
