import json

import pytest

from reconciler.gateway.openings import LENGTH, opening, session_name
from reconciler.resources.resource import ResourceKey
from reconciler.store.traffic_sessions import DERIVED

ADA, BOB = (ResourceKey("ClientKey", "default", name) for name in ("ada", "bob"))
KEY = bytes(32)
SYSTEM = {"role": "system", "content": "be brief"}
FIRST = {"role": "user", "content": "hello"}


def body(*messages: object, **more: object) -> bytes:
    return json.dumps({"model": "m", "messages": messages, **more}).encode()


def test_the_first_messages_up_to_the_users_count() -> None:
    assert opening("chat", body(SYSTEM, FIRST, {"role": "assistant", "content": "hi"})) == (
        ("system", "be brief"),
        ("user", "hello"),
    )


def test_each_turn_begins_as_the_first_did() -> None:
    marked = {
        "role": "user",
        "content": [{"type": "text", "text": "hello", "cache_control": {"type": "ephemeral"}}],
    }
    later = body(SYSTEM, FIRST, {"role": "assistant", "content": "hi"}, {"role": "user", "content": "and?"})
    assert opening("chat", body(SYSTEM, FIRST)) == opening("chat", later)
    assert opening("messages", body(marked, stream=True)) == opening("messages", body(FIRST))


def test_input_of_the_responses_interface() -> None:
    asked = json.dumps(
        {"model": "m", "input": [{"role": "user", "content": [{"type": "input_text", "text": "a"}]}]}
    )
    assert opening("responses", asked.encode()) == (("user", "a"),)


@pytest.mark.parametrize(
    ("endpoint", "sent"),
    [
        ("embeddings", body(FIRST)),
        ("chat", b""),
        ("chat", b"not json"),
        ("chat", b'{"prompt": "say \\"messages\\": ["}'),
        ("chat", b'{"tools": [{"properties": {"messages": {"type": "array"}}}]}'),
        ("chat", body(SYSTEM)),
        ("chat", body()),
        ("chat", body(SYSTEM, FIRST)[:60]),
        ("chat", b'{"messages": [' + b"[" * 5000),
        ("chat", body({"role": "user", "content": "x" * LENGTH})),
        ("chat", body(*([SYSTEM] * 70), FIRST)),
        ("responses", b'{"input": "a text"}'),
    ],
)
def test_where_there_is_no_beginning(endpoint: str, sent: bytes) -> None:
    assert opening(endpoint, sent) is None


def test_messages_of_other_shapes_count_too() -> None:
    assert opening("chat", body("odd", {"role": None}, {"role": "user", "content": [1, {"text": 2}]})) == (
        ("None", ""),
        ("None", ""),
        ("user", ""),
    )


def test_a_name_is_of_one_client_and_one_key() -> None:
    said = (("user", "hello"),)
    name = session_name(KEY, ADA, said)
    assert name.startswith(DERIVED)
    assert name == session_name(KEY, ADA, said)
    assert len({name, session_name(KEY, BOB, said), session_name(b"k" * 32, ADA, said)}) == 3
    assert name != session_name(KEY, ResourceKey("ClientKey", "team-a", "ada"), said)
    assert name != session_name(KEY, ADA, (("user", "hello!"),))


def test_texts_run_into_each_other_in_no_name() -> None:
    apart = [(("user", "ab"), ("user", "c")), (("user", "a"), ("user", "bc")), (("user", "abuserc"),)]
    assert len({session_name(KEY, ADA, said) for said in apart}) == 3
    assert session_name(KEY, ADA, (("user", "\ud800"),))
