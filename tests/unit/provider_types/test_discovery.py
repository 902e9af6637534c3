import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.provider_types.discovery import (
    MAX_MODELS,
    Detail,
    Listed,
    Offered,
    Unreadable,
    Way,
    openai_models,
    with_capabilities,
)


def read(*rows: object) -> Listed:
    return openai_models(json.dumps({"object": "list", "data": rows}).encode())


def one(**row: object) -> Offered:
    (found,) = read({"id": "m", **row}).models
    return found


def test_what_is_not_told_stays_unknown() -> None:
    assert one() == Offered("m")
    assert one(owned_by="somebody", created=1, context_length="8192", max_model_len=0) == Offered("m")


def test_what_servers_say_beside() -> None:
    assert one(max_model_len=4096).context_window == 4096  # vLLM
    groq = one(context_window=131072, max_completion_tokens=32768)
    assert (groq.context_window, groq.max_output) == (131072, 32768)
    mistral = one(
        max_context_length=9,
        capabilities={"completion_chat": True, "function_calling": True, "vision": False},
    )
    assert (mistral.capabilities, mistral.context_window) == (("chat", "tools"), 9)
    web = one(
        info={"meta": {"max_context_length": 7, "max_generation_length": 3, "capabilities": {"vision": True}}}
    )
    assert (web.context_window, web.max_output, web.capabilities) == (7, 3, ("vision",))
    assert one(meta={"n_ctx_train": 5}).context_window == 5  # llama.cpp
    assert one(type="embeddings").capabilities == ("embeddings",)
    assert one(type="vlm", capabilities=["chat"]).capabilities == ("chat", "vision")
    assert one(type="llm").capabilities == ()


def test_openrouters_rows_tell_most() -> None:
    row = {
        "id": "acme/large:free",
        "name": "Acme: Large",
        "description": "Good at\n  much.",
        "context_length": 200_000,
        "architecture": {"input_modalities": ["text", "image"]},
        "supported_parameters": ["tools", "structured_outputs", "seed"],
        "top_provider": {"max_completion_tokens": 8192},
        "pricing": {"prompt": "0.00000015", "completion": "0.0000006", "input_cache_read": "0"},
    }
    assert read(row).models == (
        Offered(
            "acme/large:free",
            "Acme: Large",
            "Good at much.",
            ("chat", "tools", "vision", "json-schema"),
            200_000,
            8192,
            ("0.15", "0", "0.6"),
        ),
    )


@pytest.mark.parametrize(
    "price", ["-1", "NaN", "1e9999999", "x", 0.1, None, "9" * 40, "0.0000000000000000001"]
)
def test_a_price_that_is_none_is_left_out(price: object) -> None:
    assert one(pricing={"prompt": price}).prices == (None, None, None)


def test_names_that_no_model_can_stand_for_are_counted() -> None:
    found = read(
        {"id": " m"},
        {"id": "x" * 257},
        {"id": "a\x1b[2J"},
        {"id": ""},
        {"id": 3},
        "text",
        {"id": "ok"},
        {"id": "ok"},
    )
    assert (found.models, found.unusable) == ((Offered("ok"),), 6)


def test_no_more_than_so_many_are_taken() -> None:
    found = read(*({"id": f"m{number}"} for number in range(MAX_MODELS + 1)))
    assert (len(found.models), found.more) == (MAX_MODELS, True)


def test_lists_of_other_forms() -> None:
    assert openai_models(b'[{"id": "m"}]').models == (Offered("m"),)
    assert openai_models(b'{"models": [{"name": "m"}]}').models == (Offered("m"),)
    for body in (b"<html>", b"{}", b'"m"', b'{"data": {}}', b"[" * 100_000, b"\xff"):
        with pytest.raises(Unreadable):
            openai_models(body)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(), lambda inner:
    st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["data", "id", "pricing", "prompt", "capabilities", "info", "meta", "top_provider", "architecture",
                         "input_modalities", "supported_parameters", "context_length", "description", "type"]),
        inner, max_size=4), max_leaves=12))  # fmt: skip
def test_whatever_it_says_is_read_or_refused(told: object) -> None:
    with suppress(Unreadable):
        openai_models(json.dumps(told).encode())


def test_a_way_and_a_detail_stand_where_the_list_does() -> None:
    way = Way("/v1/models", "/api/v0/models", openai_models)
    assert way.url("http://host/v1/models") == "http://host/api/v0/models"
    assert way.url("http://host/other") is None
    detail = Detail("/v1/models", "/show", lambda model, _: model)
    assert detail.url("http://host/v1/models") == "http://host/show"
    assert json.loads(detail.body(Offered('a"b'))) == {"model": 'a"b'}


def test_only_what_can_chat_gets_more() -> None:
    assert with_capabilities(Offered("m"), "tools") == Offered("m")
    assert with_capabilities(Offered("m", capabilities=("chat",)), "tools").capabilities == ("chat", "tools")
