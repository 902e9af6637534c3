import sqlite3

from fakes.command import Routerctl, manifest

from reconciler.bootstrap.ciphers import load_cipher
from reconciler.control.known_secrets import Known, known_secrets, with_keys
from reconciler.secrets.resolver import Resolver
from reconciler.settings import Reach
from reconciler.store.reader import Reader
from reconciler.store.url import parse


def openai(name: str, key: object) -> str:
    spec = {"type": "openai-compatible", "config": {"baseURL": "https://a.example/v1", "apiKey": key}}
    return manifest("Provider", name, spec)  # type: ignore[arg-type]  # JSON


def known_of(routerctl: Routerctl, reach: Reach, *, keyless: bool = False, **environ: str) -> Known:
    location = parse(str(routerctl.db))
    with Reader(location.config_path) as reader:
        cipher = None if keyless else load_cipher(location, {}, reader)
        return known_secrets(reader, cipher, Resolver(reach, environ, reader, cipher, lambda _: None))


def test_all_that_was_ever_sealed_or_referred_to_is_known(routerctl: Routerctl) -> None:
    folder = routerctl.folder / "keys"
    folder.mkdir()
    (folder / "k").write_text("from-a-file-0123\n")
    filed = openai("filed", {"valueFrom": {"file": str(folder / "k")}})
    env = openai("env", {"valueFrom": {"env": "A_API_KEY"}})
    gone = openai("gone", {"valueFrom": {"env": "GONE_API_KEY"}})
    secret = manifest("Secret", "s", {"data": {"K": {"value": "in-a-secret-0123"}}})
    linked = openai("linked", {"valueFrom": {"secret": {"name": "s", "key": "K"}}})
    routerctl.apply(openai("p", "the-first-value"), filed, env, gone, secret, linked, manifest("Model", "m"))
    routerctl.apply(openai("p", "the-second-value"), filed, env, gone, secret, linked, manifest("Model", "m"))
    known = known_of(
        routerctl, Reach.of(routerctl.folder, files=(str(folder),)), A_API_KEY="from-the-environment"
    )
    assert sorted(value.reveal() for value in known.values.values()) == [
        "from-a-file-0123",
        "from-the-environment",
        "in-a-secret-0123",
        "the-first-value",
        "the-second-value",
    ]
    assert known.files == {folder / "k"}
    assert known.unknown == ["Provider/gone spec.config.apiKey: the variable GONE_API_KEY is not set"]
    keyless = known_of(routerctl, Reach(), keyless=True)
    assert [line.partition(": ")[2] for line in keyless.unknown if "it is sealed" in line] == [
        "it is sealed, and there is no key"
    ] * 3
    routerctl.apply(openai("gone", {"valueFrom": {"env": "A_API_KEY"}}))
    later = known_of(routerctl, Reach(), A_API_KEY="from-the-environment")
    assert (later.gone, [line for line in later.unknown if "GONE_API_KEY" in line]) == (1, [])
    more = with_keys(known, {"a key": "x"})
    assert set(more.values) - set(known.values) == {"a key"}


def test_a_version_that_can_not_be_read_hides_no_other(routerctl: Routerctl) -> None:
    routerctl.apply(openai("p", "the-first-value"), openai("q", {"valueFrom": {"env": "A_API_KEY"}}))
    connection = sqlite3.connect(routerctl.db)
    for body in ("no JSON", '{"spec":{"type":"openai-compatible","config":{"apiKey":{"odd":1}}}}'):
        connection.execute("UPDATE version SET body = ? WHERE name = 'p'", (body,))
        connection.commit()
        found = known_of(routerctl, Reach(), A_API_KEY="from-the-environment")
        assert {value.reveal() for value in found.values.values()} == {
            "the-first-value",
            "from-the-environment",
        }
    connection.execute("UPDATE version SET kind = 'Other' WHERE name = 'p'")
    connection.commit()
    connection.close()
    assert known_of(routerctl, Reach(), A_API_KEY="x" * 9).unknown == []
