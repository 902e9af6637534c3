"""Clients that try to be somebody else, or to get what is not theirs, at a real gateway with two workers (1, 9, 13 and 14)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from urllib.parse import quote

import pytest
from fakes.attacked import CHAT, PROVIDER_KEY, Fortress, client_key, exchange, request
from fakes.open_connection import Kept
from fakes.running import DEADLINE, routerctl, said, wait
from sizes import is_long

from reconciler.secrets.key_text import mint

pytestmark = pytest.mark.slow

BOTH_ROADS = ((CHAT, "POST"), ("/v1/models", "GET"))
"""One that is served without ASGI, and one that is not."""


def bearer(text: str) -> str:
    return f"Authorization: Bearer {text}"


# --- case 1: where it goes, and with which key --------------------------------------------------------------------


def test_case_1_nothing_that_a_client_says_moves_a_request_or_its_key(attacked: Fortress) -> None:
    evil = "http://evil.example/v1"
    members = (
        "api_base",
        "base_url",
        "baseURL",
        "api_key",
        "apiKey",
        "custom_host",
        "custom_llm_provider",
        "provider_url",
    )
    headers = (
        "x-api-base", "x-base-url", "x-portkey-custom-host", "x-portkey-provider", "x-goog-api-key", "x-upstream-host",
        "x-forwarded-host", "x-routerctl-provider", "x-routerctl-model", "x-routerctl-route", "forwarded", "openai-organization",
    )  # fmt: skip
    prompt = attacked.prompt("moved")
    message = {"role": "user", "content": prompt}
    extra: dict[str, object] = {"extra_headers": {"authorization": evil}, **dict.fromkeys(members, evil)}
    body = {"model": "mine", "messages": [message], **extra}
    answered = attacked.post(
        "narrow", f"{CHAT}?api_base={evil}&model=forbidden", body, *(f"{each}: {evil}" for each in headers)
    )
    assert answered.status == 200
    (sent,) = [each for each in attacked.upstreams.requests if prompt.encode() in each.body]
    assert sent.target == "/ok/v1/chat/completions"
    assert sent.header("authorization") == f"Bearer {PROVIDER_KEY}"
    assert "evil" not in repr((sent.target, sent.headers))
    assert attacked.keys["narrow"].text not in repr(sent)


# --- case 9: whose key it is --------------------------------------------------------------------------------------


def not_keys(attacked: Fortress) -> Iterator[tuple[str, ...]]:
    """Header lines, none of which is one key that is accepted now."""
    good, other = attacked.keys["narrow"].text, attacked.keys["wide"].text
    minted = mint("rk")
    yield from (
        (),
        ("Authorization:",),
        ("Authorization: Bearer",),
        ("Authorization: Bearer ",),
        ("x-api-key:",),
    )
    for text in (
        "' OR '1'='1", f"{good}' OR '1'='1", f"{good}'--", "rk-000000000000-' UNION SELECT hash FROM version--",
        f"{good}\xe4", "\xff\xfe", "%00", f"{good[:-1]}", f"{good}x", good[:20], good.swapcase(), minted.text,
        f"{good[:16]}{minted.text[16:]}", f"{minted.text[:16]}{good[16:]}", f"rt{good[2:]}", f"{good},{other}",
        f"{good} {good}", f"Bearer {good}", f"\t {good}{good}", attacked.tokens["admin"], quote(good.replace("-", "\u2010")),
        f"sha256:{attacked.keys['narrow'].hash}", attacked.keys["narrow"].hash, attacked.keys["narrow"].id,
        attacked.keys["disabled"].text, attacked.keys["over"].text,
    ):  # fmt: skip
        yield (f"Authorization: Bearer {text}",)
        yield (f"x-api-key: {text}",)
    yield from (
        (f"Authorization: {each}",)
        for each in (good, f"bearer {good}", f"BEARER {good}", f"Basic {good}", f"Bearer\t{good}")
    )
    yield bearer(good), bearer(good)
    yield bearer(good), bearer(other)
    yield bearer("nobody"), bearer(good)
    yield f"x-api-key: {good}", f"x-api-key: {good}"
    yield bearer(good), f"x-api-key: {other}"
    yield bearer("nobody"), f"x-api-key: {good}"
    yield bearer(good), "x-api-key:"
    for name in (
        "Cookie",
        "Proxy-Authorization",
        "api-key",
        "X-Authorization",
        "X-Forwarded-Authorization",
        "Authorization2",
    ):
        yield (f"{name}: Bearer {good}",)
    yield (
        "Connection: authorization",
        "X-Forwarded-For: 127.0.0.1",
        "X-Real-IP: 127.0.0.1",
        "X-Forwarded-User: narrow",
    )


def test_case_9_what_is_not_one_valid_key_is_401_and_not_repeated(attacked: Fortress) -> None:
    body = json.dumps({"model": "mine", "messages": []}).encode()
    for lines in not_keys(attacked):
        for path, method in BOTH_ROADS:
            answered = attacked.raw(request(method, path, *lines, body=body))
            assert answered.status == 401, (path, lines)
            assert answered.headers["www-authenticate"].startswith("Bearer")
            assert not [each for each in (*attacked.keys.values(),) if each.text[16:] in repr(answered)]
            assert answered.code == ("invalid_api_key" if _looks_at(lines) else "missing_api_key"), lines
    assert attacked.get("narrow", "/v1/models").status == 200


def _looks_at(lines: tuple[str, ...]) -> bool:
    return any(each.lower().startswith(("authorization:", "x-api-key:")) for each in lines)


def test_case_9_a_megabyte_is_refused_unread_and_folded_lines_are_no_http(attacked: Fortress) -> None:
    good = attacked.keys["narrow"].text
    for path, method in BOTH_ROADS:
        assert attacked.raw(request(method, path, bearer("a" * 1_000_000))).status == 431
        for strange in (
            f"Authorization: Bearer\r\n {good}",
            f"Authorization : Bearer {good}",
            f"Authorization: Bearer {good}\0",
        ):
            answered = attacked.raw(request(method, path, strange))
            assert answered.status == 400
            assert good not in repr(answered)


def test_case_9_a_key_counts_in_a_header_of_its_own_request_alone(attacked: Fortress) -> None:
    good, url = attacked.keys["narrow"].text, attacked.gateway.data_url
    body = json.dumps({"model": "mine", "messages": [], "api_key": good, "key": good}).encode()
    for name in ("key", "api_key", "api-key", "access_token", "authorization", "x-api-key"):
        for path, method in BOTH_ROADS:
            assert attacked.raw(request(method, f"{path}?{name}={good}", body=body)).status == 401
    for target in (f"http://{good}@localhost{CHAT}", f"http://u:{good}@localhost{CHAT}"):
        assert attacked.raw(request("POST", target, body=body)).status in {400, 401}
    chunked = b"%x\r\n%b\r\n0\r\n%b\r\n\r\n" % (len(body), body, bearer(good).encode())
    lines = ("Transfer-Encoding: chunked", "Trailer: Authorization", "Content-Type: application/json")
    assert attacked.raw(request("POST", CHAT, *lines, body=chunked)).status == 401
    before = request("GET", "/v1/models", bearer(good)).replace(b"Connection: close\r\n", b"")
    followed = [request(method, path, body=body) for path, method in BOTH_ROADS]
    for after in followed:  # one connection, and a key for the first request alone
        assert [each.status for each in exchange(url, before + after)] == [200, 401]


# --- case 13: until when ------------------------------------------------------------------------------------------


@contextmanager
def kept(attacked: Fortress, key: str, count: int) -> Iterator[list[Kept]]:
    """Connections to both workers, as good as certainly: the kernel spreads them."""
    body = json.dumps({"model": "mine", "messages": []}).encode()
    connections = [
        Kept(attacked.gateway, key, method, path, body if method == "POST" else b"")
        for path, method in BOTH_ROADS
        for _ in range(count)
    ]
    try:
        yield connections
    finally:
        for each in connections:
            each.close()


def test_case_13_a_key_that_ends_is_refused_on_connections_that_are_open(attacked: Fortress) -> None:
    doomed = mint("rk")
    manifest = attacked.manifests.with_name("doomed.yaml")
    manifest.write_text(client_key("doomed", doomed))
    routerctl(attacked.db, "apply", "-f", str(manifest), "--wait")
    stream = json.dumps({"model": "endless", "stream": True, "messages": []}).encode()
    with kept(attacked, doomed.text, 8) as connections:
        streams = [Kept(attacked.gateway, doomed.text, "POST", CHAT, stream) for _ in range(8)]
        for each in streams:
            each.send()
            each.read(lambda answers: answers.body)
        assert {each.ask().status for each in connections} == {200}
        routerctl(attacked.db, "key", "revoke", "doomed", doomed.id)
        began = monotonic()
        wait(lambda: all(each.is_refused() for each in connections), "the end of the key")
        for each in streams:
            told = each.read(lambda answers: answers.whole)
            assert b'"invalid_api_key"' in told.body
            each.close()
        took = monotonic() - began
    assert took < (1 if is_long() else DEADLINE)


def test_case_13_a_key_of_the_same_id_made_anew_is_another(attacked: Fortress) -> None:
    old, new = mint("rk"), mint("rk")
    new = type(new)(old.id, f"rk-{old.id}-{new.text[16:]}")
    manifest = attacked.manifests.with_name("reborn.yaml")
    manifest.write_text(client_key("reborn", old))
    routerctl(attacked.db, "apply", "-f", str(manifest), "--wait")
    with kept(attacked, old.text, 4) as before:
        assert {each.ask().status for each in before} == {200}
        routerctl(attacked.db, "delete", "clientkey/reborn", "--wait")
        assert {each.ask().status for each in before} == {401}
        manifest.write_text(client_key("reborn", new))
        routerctl(attacked.db, "apply", "-f", str(manifest), "--wait")
        assert {each.ask().status for each in before} == {401}
    with kept(attacked, new.text, 4) as after:
        assert {each.ask().status for each in after} == {200}
        for change in ({"enabled": False}, {"expires": "2026-01-01T00:00:00Z"}):
            manifest.write_text(client_key("reborn", new, **change))
            routerctl(attacked.db, "apply", "-f", str(manifest), "--wait")
            assert {each.ask().status for each in after} == {401}, change


def test_case_13_nobody_takes_the_id_of_anothers_key(attacked: Fortress) -> None:
    """Ids are no secret: a manifest of another namespace that has one would shut its owner out."""
    held, other = attacked.keys["wide"], mint("rk")
    taking = type(other)(held.id, f"rk-{held.id}-{other.text[16:]}")
    manifest = attacked.manifests.with_name("taking.yaml")
    manifest.write_text(client_key("aaa", taking, namespace="a-team"))
    done = said(attacked.db, "apply", "-f", str(manifest), "--wait")
    assert (done.code, "a key belongs to one ClientKey, in all namespaces" in done.err) == (3, True)
    assert attacked.get("wide", "/v1/models").status == 200


# --- case 14: what for --------------------------------------------------------------------------------------------

DOORS = {
    "its name": ("forbidden", 404),
    "an alias": ("forbidden-alias", 404),
    "a wildcard": ("forb-anything", 404),
    "a Route's target": ("entry", 403),
    "a fallback after failures": ("failing", 500),
    "a hedge": ("hasty", 200),
    "a shadow": ("shadowed", 200),
    "a share of the requests": ("weighted", 200),
    "a name that a Route alone has": ("only-a-route", 404),
    "no name at all": (None, 400),
}
"""How `forbidden` can be come to, and what who may not use it is told."""


def test_case_14_no_door_leads_to_a_model_that_is_not_permitted(attacked: Fortress) -> None:
    for door, (model, status) in DOORS.items():
        prompt = attacked.prompt("a narrow one")
        for _ in range(4):
            answered = attacked.chat("narrow", model, prompt)
            assert answered.status == status, (door, answered)
        prompt = attacked.prompt("a wide one")
        for _ in range(4):
            assert attacked.chat("wide", model, prompt).status == 200
        # each door is one: who may use it gets there
        wait(lambda prompt=prompt: "secret" in attacked.served(prompt), door)  # type: ignore[misc]
    shut_out(attacked)


def test_case_14_nor_a_large_input_nor_a_task_nor_a_name_that_nobody_has(attacked: Fortress) -> None:
    for key, served in (("narrow", {"ok"}), ("wide", {"ok", "secret"})):
        prompt = attacked.prompt(key)
        answered = attacked.post(key, "/v1/embeddings", {"model": "parts", "input": [prompt] * 8})
        assert (answered.status, attacked.served(prompt)) == (200, served)
    body: dict[str, object] = {"model": "mine", "messages": [{"role": "user", "content": "a task"}]}
    assert attacked.post("narrow", CHAT, body, "X-Task-Type: smuggle").code == "model_not_permitted"
    assert (
        attacked.post("narrow", CHAT, {**body, "metadata": {"task_type": "smuggle"}}).code
        == "model_not_permitted"
    )
    assert attacked.post("wide", CHAT, body, "X-Task-Type: smuggle").status == 200
    for name, status in (("unbound", 404), ("unknown", 404), ("open-source", 200)):
        prompt = attacked.prompt(name)
        assert attacked.chat("narrow", name, prompt).status == status
        assert attacked.chat("wide", name, "a wide one").status == 200  # goes on to the active provider
        assert attacked.served(prompt) == ({"active"} if status == 200 else set())
    assert attacked.chat("routeless", "entry", "routeless").status == 200
    assert attacked.served("routeless") == {"ok"}  # its Routes are as if they were not there
    shut_out(attacked)


NAMES = (
    "FORBIDDEN", "Forbidden", "MINE", "forbidden ", " forbidden", "forbidden\t", "forbidden\0", "forbidden\u200b", "\ufeffforbidden",
    "f\u043erbidden", "forbidden\u0301", "\uff46orbidden", "mine,forbidden", "mine\nforbidden", "mine/../forbidden", "default/forbidden",
    "team-a/far-model", "far-model", "mine*", "*", "m?ne", "models/forbidden", "forbidden:latest", "forb-*", "%66orbidden", "",
)  # fmt: skip


def test_case_14_no_way_of_writing_a_name_makes_it_another(attacked: Fortress) -> None:
    for name in NAMES:
        answered = attacked.chat("narrow", name, "a narrow one")
        assert answered.code == "model_not_found", (name, answered)
    far = [attacked.chat("far", name) for name in ("mine", "default/mine", "forbidden")]
    assert {each.code for each in far} == {"model_not_found"}
    assert attacked.chat("far", "far-model").status == 200
    shut_out(attacked)


def test_case_14_a_body_has_one_model(attacked: Fortress) -> None:
    """Else the gateway would ask for permission for one, and the upstream would serve the other."""
    rest = '"messages": [{"role": "user", "content": "one model"}]'
    for members in (
        '"model": "mine", "model": "forbidden"',
        '"model": "forbidden", "model": "mine"',
        '"model": "mine", "mod\\u0065l": "forbidden"',
        '"\\u006dodel": "forbidden", "model": "mine"',
    ):
        answered = attacked.post("narrow", CHAT, f"{{{members}, {rest}}}".encode())
        assert answered.status == 400, members
    part = 'Content-Disposition: form-data; name="{}"\r\n\r\n{}\r\n--b'
    parts = [part.format(*each) for each in (("model", "mine"), ("model", "forbidden"), ("prompt", "x"))]
    body = ("--b\r\n" + "\r\n".join(parts) + "--\r\n").encode()
    form = "Content-Type: multipart/form-data; boundary=b"
    assert attacked.post("narrow", "/v1/audio/transcriptions", body, form).status == 400
    assert attacked.served("one model") == set()
    shut_out(attacked)


def test_case_14_what_is_not_permitted_and_what_is_not_there_look_alike(attacked: Fortress) -> None:
    told = {}
    for name in (
        "forbidden",
        "forbidden-alias",
        "forb-x",
        "only-a-route",
        "unbound",
        "nobody-has-it",
        "far-model",
    ):
        answers = [
            attacked.get("narrow", f"/v1/models/{name}"),
            attacked.get("narrow", f"/v1/models/{quote(name, safe='')}?x", "Accept: */*"),
            attacked.chat("narrow", name),
            attacked.post("narrow", "/v1/messages", {"model": name, "max_tokens": 1, "messages": []}),
            attacked.post("narrow", "/v1/embeddings", {"model": name, "input": ["x"]}),
            attacked.post("narrow", CHAT, {"model": name, "messages": []}, "X-Routerctl-Trace: 1"),
        ]
        told[name] = [
            (each.status, sorted(each.headers), each.body.replace(name.encode(), b"NAME")) for each in answers
        ]
    assert len({repr(each) for each in told.values()}) == 1, told
    listed = {each["id"] for each in json.loads(attacked.get("narrow", "/v1/models").body)["data"]}
    assert listed == {
        "mine",
        "mine-alias",
        "entry",
        "failing",
        "hasty",
        "shadowed",
        "parts",
        "weighted",
        "endless",
    }
    assert "forbidden" in attacked.get("wide", "/v1/models").body.decode()


def shut_out(attacked: Fortress) -> None:
    """Of what `narrow` asked so far nothing came to where it may not get."""
    asked = {prompt for prompt, by in attacked.upstreams.served.items() if "secret" in by}
    assert not [prompt for prompt in asked if not prompt.startswith(("a wide one", "wide", "a task"))]
