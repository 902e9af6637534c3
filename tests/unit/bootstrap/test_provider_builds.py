import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.store import META, SteppingClock, commit_all, drop, open_writer, provider, put

from reconciler.bootstrap.provider_builds import ASK_AGAIN_SECONDS, EarlierBuilds, WorkerBuilder
from reconciler.clock import timestamp
from reconciler.control.rotation import rewrite_vault
from reconciler.errors import StoreError
from reconciler.json_types import JsonObject
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.secrets.cipher import Cipher, Place
from reconciler.secrets.keys import Keyring, MasterKey, generate_key_file, locked_key_file, read_key_file
from reconciler.secrets.value import SecretValue
from reconciler.settings import Reach, key_file_beside
from reconciler.snapshot.compile import Built
from reconciler.store.reader import Reader
from reconciler.store.records import VaultEntry
from reconciler.store.url import StoreLocation, parse

KEY = ResourceKey("Provider", "default", "p")


def upstream(api_key: dict[str, object]) -> Resource:
    config = {"baseURL": "http://upstream.test/v1", "apiKey": api_key}
    return provider("p", type="openai-compatible", config=config)  # type: ignore[arg-type]  # JSON


def env(name: str) -> dict[str, object]:
    return {"valueFrom": {"env": name}}


@pytest.fixture
def location(tmp_path: Path) -> StoreLocation:
    return parse(str(tmp_path / "store.db"))


@pytest.fixture
def reader(location: StoreLocation) -> Iterator[Reader]:
    commit_all(location.config_path, [put(upstream(env("ONE_API_KEY")))], [put(upstream(env("TWO_API_KEY")))])
    with Reader(location.config_path) as opened:
        yield opened


def build(builder: WorkerBuilder, reader: Reader) -> Built:
    state = reader.state()
    return builder.build(state[KEY], state, None)


def test_one_that_was_never_built_is_refused(location: StoreLocation, reader: Reader) -> None:
    builder = WorkerBuilder(location, reader, Reach(), {"ONE_API_KEY": "1"}, lambda _: None)
    built = build(builder, reader)
    assert built.upstream is None
    assert built.refusal is not None
    assert "TWO_API_KEY" in built.refusal.reason


def test_one_that_a_worker_built_goes_on_with_that_build(location: StoreLocation, reader: Reader) -> None:
    asked: list[str] = []

    def acknowledged(name: str) -> int:
        asked.append(name)
        return 1

    builder = WorkerBuilder(location, reader, Reach(), {"ONE_API_KEY": "1"}, acknowledged)
    built = build(builder, reader)
    assert asked == ["Provider/p"]
    assert built.upstream is not None
    assert built.refusal is not None
    assert built.refusal.serving == 1


def test_the_past_is_read_one_resource_at_a_time(
    location: StoreLocation, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(Reader, "state_at")
    past = EarlierBuilds(reader, {"Provider/p": 1}.get)
    assert past.acknowledged(KEY) == 1
    assert past.acknowledged(KEY._replace(name="other")) is None
    found = past.get(KEY, at=1)
    assert found is not None
    assert found.resource == upstream(env("ONE_API_KEY"))
    builder = WorkerBuilder(location, reader, Reach(), {"ONE_API_KEY": "1"}, lambda _: 1)
    assert build(builder, reader).upstream is not None


def test_records_that_can_not_be_read_are_no_record(
    location: StoreLocation, reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_provider: str) -> int:
        raise StoreError("the records are not a database")

    built = build(WorkerBuilder(location, reader, Reach(), {"ONE_API_KEY": "1"}, broken), reader)
    assert built.upstream is None
    assert built.refusal is not None
    assert "TWO_API_KEY" in built.refusal.reason
    assert caplog.messages == ["the records are not a database"]


def test_a_deleted_provider_does_not_come_back(location: StoreLocation, reader: Reader) -> None:
    made_anew = upstream(env("TWO_API_KEY"))
    with open_writer(location.config_path) as writer:
        writer.commit([drop(made_anew)], base=2, meta=META)
        writer.commit([put(made_anew)], base=3, meta=META)
    builder = WorkerBuilder(location, reader, Reach(), {"ONE_API_KEY": "1"}, lambda _: 1)
    built = build(builder, reader)
    assert built.upstream is None
    assert built.refusal is not None
    assert built.refusal.serving is None


def seal(location: StoreLocation) -> None:
    """Another process makes the store's key and seals with it."""
    file = key_file_beside(location.config_path)
    generate_key_file(file)
    place = Place("default", "Provider", "p", "spec.config.apiKey")
    sealed = Cipher(read_key_file(file)).seal(place, SecretValue("sk-1"))
    entry = VaultEntry("v-1", str(place), sealed.ciphertext, sealed.fingerprint, sealed.key_id)
    with open_writer(location.config_path) as writer:
        writer.commit([put(upstream({"sealed": "v-1"}))], base=2, meta=META, seals=[entry])


def test_a_key_that_comes_later_is_found(location: StoreLocation, reader: Reader) -> None:
    builder = WorkerBuilder(location, reader, Reach(), {}, lambda _: None)
    assert build(builder, reader).upstream is None
    seal(location)
    built = build(builder, reader)
    assert built.refusal is None
    assert built.upstream is not None
    state = reader.state()
    assert builder.build(state[KEY], state, built.upstream).upstream is built.upstream


def test_a_key_of_another_store_is_said_once_and_the_provider_is_refused(
    location: StoreLocation, reader: Reader, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    seal(location)
    other = tmp_path / "other.key"
    generate_key_file(other)
    environ = {"ROUTERCTL_ENCRYPTION_KEY_FILE": str(other)}
    builder = WorkerBuilder(location, reader, Reach(), environ, lambda _: None)
    for _ in range(2):
        built = build(builder, reader)
        assert built.refusal is not None
        assert "is sealed with the key" in built.refusal.reason
        assert "is not this store's" in built.refusal.reason
        assert "there is no key" not in built.refusal.reason
        assert "to the key that sealed its values" in built.refusal.reason
    (said,) = caplog.messages
    assert "is not this store's" in said
    quiet = WorkerBuilder(location, reader, Reach(), environ, lambda _: None, quiet=True)
    assert "is not this store's" in getattr(build(quiet, reader).refusal, "reason", "")
    assert caplog.messages == [said]


def test_a_key_file_that_gets_another_key_is_read_again(location: StoreLocation, reader: Reader) -> None:
    seal(location)
    builder = WorkerBuilder(location, reader, Reach(), {}, lambda _: None)
    first = build(builder, reader).upstream
    assert first is not None
    file = key_file_beside(location.config_path)
    before = read_key_file(file)
    after = Keyring([MasterKey.generate(), *before.keys])
    with locked_key_file(file) as locked:
        locked.replace(before, after)
    with open_writer(location.config_path) as writer:
        assert rewrite_vault(reader, writer, Cipher(after)) == 1
    with locked_key_file(file) as locked:
        locked.replace(after, Keyring([after.current]))
    built = build(builder, reader)
    assert (built.refusal, built.upstream is not None) == (None, True)
    file.unlink()
    assert build(builder, reader).refusal is None


def test_a_program_that_gives_no_key_is_asked_again_later(
    location: StoreLocation, reader: Reader, tmp_path: Path
) -> None:
    asked = tmp_path / "asked"
    environ = {"ROUTERCTL_ENCRYPTION_KEY_COMMAND": f"sh -c 'echo x >> {asked}; exit 1'", "PATH": os.defpath}
    seal(location)
    clock = SteppingClock()
    builder = WorkerBuilder(location, reader, Reach(), environ, lambda _: None, clock)
    for _ in range(3):
        built = build(builder, reader)
        assert built.refusal is not None
        assert "sh ended with code 1" in built.refusal.reason
    assert asked.read_text() == "x\n"
    for _ in range(int(ASK_AGAIN_SECONDS)):
        clock.now()
    build(builder, reader)
    assert asked.read_text() == "x\nx\n"


def test_files_that_changed_are_told(location: StoreLocation, reader: Reader, tmp_path: Path) -> None:
    file = tmp_path / "key"
    with open_writer(location.config_path) as writer:
        writer.commit([put(upstream({"valueFrom": {"file": str(file)}}))], base=2, meta=META)
    builder = WorkerBuilder(location, reader, Reach(file_folders=(str(tmp_path),)), {}, lambda _: None)
    build(builder, reader)
    file.write_text("x")
    assert builder.reread() == [KEY]


def test_a_provider_that_is_refused_waits_for_another_key_file(
    location: StoreLocation, reader: Reader, tmp_path: Path
) -> None:
    seal(location)
    file = key_file_beside(location.config_path)
    away = file.rename(tmp_path / "away")
    builder = WorkerBuilder(location, reader, Reach(), {}, lambda _: None)
    assert build(builder, reader).refusal is not None
    assert builder.reread() == []
    away.rename(file)
    assert builder.reread() == [KEY]
    assert build(builder, reader).refusal is None
    assert builder.reread() == []


def test_one_whose_credentials_end_is_built_anew_then_and_refused(location: StoreLocation) -> None:
    clock = SteppingClock()
    at = timestamp(clock.now() + timedelta(seconds=4))
    key: JsonObject = {"valueFrom": {"env": "ONE_API_KEY"}}
    config: JsonObject = {"unofficial": True, "token": key, "cookies": key, "expiresAt": at}
    commit_all(location.config_path, [put(provider("p", type="qwen-direct", config=config))])
    with Reader(location.config_path) as reader:
        builder = WorkerBuilder(location, reader, Reach(), {"ONE_API_KEY": "1"}, lambda _: None, clock)
        first = build(builder, reader)
        assert first.upstream is not None
        assert first.upstream.introduces
        assert builder.reread() == []
        assert builder.reread() == []
        assert builder.reread() == [KEY]
        state = reader.state()
        ended = builder.build(state[KEY], state, first.upstream)
    assert (ended.upstream, ended.refusal is not None and ended.refusal.cause) == (None, "Expired")
    assert builder.reread() == []
