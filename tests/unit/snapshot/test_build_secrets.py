"""A provider's secrets, as it is built: files that change, values that are sealed, addresses that others wrote."""

from dataclasses import replace
from pathlib import Path

from fakes.states import TIME, stored
from fakes.workshop import CIPHER, remote

from reconciler.json_types import JsonObject
from reconciler.provider_types.base import Endpoint
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource
from reconciler.secrets.cipher import Place
from reconciler.secrets.value import SecretValue
from reconciler.settings import Reach
from reconciler.snapshot.build import ProviderBuilder
from reconciler.snapshot.compile import Built
from reconciler.snapshot.model import Upstream

FAR = remote().key
ENV: JsonObject = {"valueFrom": {"env": "UP_API_KEY"}}


class NoVault:
    def vault_entry(self, _entry_id: str) -> None:
        return None


class Before:
    """The past: one provider, at whatever revision is asked for."""

    def __init__(self, provider: StoredResource | None = None) -> None:
        self.provider = provider

    def acknowledged(self, _provider: ResourceKey) -> int | None:
        return None

    def get(self, _key: ResourceKey, *, at: int) -> StoredResource | None:
        assert at == 3
        return self.provider


def builder(folder: Path = Path("/nowhere")) -> ProviderBuilder:
    reach = Reach(file_folders=(str(folder),))
    return ProviderBuilder(reach, {"UP_API_KEY": "sk-env"}, NoVault(), Before(), CIPHER)


def build(resource: Resource, by: ProviderBuilder | None = None, previous: Upstream | None = None) -> Built:
    item = stored(resource, revision=3)
    return (by or builder()).build(item, {item.key: item}, previous)


def authorization(upstream: Upstream | None) -> str | None:
    assert upstream is not None
    return dict(upstream.adapter.encode(Endpoint.CHAT, b"{}").headers).get("authorization")


def reason(built: Built) -> str:
    assert built.refusal is not None
    return built.refusal.reason


def test_files_that_are_read_are_known_and_so_is_one_that_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("sk-file")
    by = builder(tmp_path)
    written: JsonObject = {"valueFrom": {"file": str(file)}}
    first = build(remote(apiKey=written), by=by).upstream
    assert authorization(first) == "Bearer sk-file"
    assert by.files.changed() == []
    file.unlink()
    assert by.files.changed() == [FAR]
    by = replace(by, past=Before(stored(remote(apiKey=written), revision=3)))
    gone = build(remote(apiKey=written), by=by, previous=first)
    assert gone.upstream is first
    assert "can't be read: no such file" in reason(gone)
    file.write_text("sk-again")
    assert by.files.changed() == [FAR]
    assert authorization(build(remote(apiKey=written), by=by, previous=first).upstream) == "Bearer sk-again"


def test_a_value_of_its_own_goes_nowhere_that_others_say() -> None:
    def fields(name: str) -> JsonObject:
        return {"f:spec": {"f:config": {f"f:{name}": {}}}}

    managers = (
        FieldManager("git:a", "Apply", fields("apiKey"), TIME),
        FieldManager("api:eve", "Update", fields("baseURL"), TIME),
    )
    moved = replace(stored(remote(apiKey=ENV), revision=3), managed_fields=managers)
    built = builder().build(moved, {FAR: moved}, None)
    assert built.upstream is None
    assert "may not go where others than those who declare it say" in reason(built)
    assert built.refusal is not None
    assert built.refusal.cause == "NotTrusted"


def test_a_sealed_text_is_opened_as_it_is_built() -> None:
    place = Place("default", "Provider", "far", "spec.config.apiKey")
    text = CIPHER.public_key.seal(place, SecretValue("sk-sealed"))
    assert authorization(build(remote(apiKey={"sealed": text})).upstream) == "Bearer sk-sealed"
    without = build(remote(apiKey={"sealed": text}), by=replace(builder(), cipher=None))
    assert "is sealed to the public key" in reason(without)
