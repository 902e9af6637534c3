import json
from typing import Any

import pytest

from reconciler.provider_types.base import Endpoint, UpstreamRequest
from reconciler.provider_types.cli import CLI, MAX_ARGUMENT, CliAdapter, build
from reconciler.provider_types.cli_config import CliConfig
from reconciler.provider_types.simulator import SimulatorConfig
from reconciler.provider_types.text_answers import TextAnswer
from reconciler.provider_types.tool_text import ToolTextAdapter
from reconciler.provider_types.translation import Unasked

TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


def asked(endpoint: Endpoint = Endpoint.CHAT, *, argument: bool = False, **more: object) -> UpstreamRequest:
    body: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hi"}], **more}
    return CliAdapter("x", argument).encode(endpoint, json.dumps(body).encode())


def test_a_chat_is_a_prompt() -> None:
    request = asked()
    assert (request.method, request.url, request.body) == ("RUN", "cli:m", b"hi")
    assert isinstance(request.translator, TextAnswer)
    assert asked(Endpoint.COMPLETIONS, prompt="go on").body == b"go on"
    assert CliAdapter("x").probe("/path").method == "LOOK"


@pytest.mark.parametrize(
    "request_",
    [
        asked(Endpoint.EMBEDDINGS, input="x"),
        asked(Endpoint.COMPLETIONS, prompt=["a", "b"]),
        asked(model="--yolo"),
        asked(messages=[{"role": "user", "content": "\ud800"}]),
        asked(argument=True, messages=[{"role": "user", "content": "a\0b"}]),
        asked(argument=True, messages=[{"role": "user", "content": "x" * (MAX_ARGUMENT + 1)}]),
    ],
)
def test_what_it_has_no_words_for_is_not_asked(request_: UpstreamRequest) -> None:
    assert isinstance(request_.translator, Unasked)


def test_what_only_an_argument_can_not_be() -> None:
    assert asked(messages=[{"role": "user", "content": "a\0b"}]).body == b"a\0b"


@pytest.mark.parametrize(("calling", "refuses"), [(None, True), ("off", True), ("xml", False)])
def test_tools_are_text_or_refused(calling: str | None, *, refuses: bool) -> None:
    made = build(CliConfig.model_validate({"executable": "tool", "toolCalling": calling}), {})
    assert isinstance(made, ToolTextAdapter)
    body = json.dumps(
        {"model": "m", "messages": [{"role": "user", "content": "hi"}], "tools": [TOOL]}
    ).encode()
    request = made.encode(Endpoint.CHAT, body)
    assert isinstance(request.translator, Unasked) is refuses
    assert (b"hi" in request.body) is not refuses


def test_a_config_of_another_type_and_what_it_serves() -> None:
    with pytest.raises(TypeError):
        build(SimulatorConfig(), {})
    assert {Endpoint.CHAT, Endpoint.COMPLETIONS} == CLI.endpoints
    assert repr(CliAdapter("tool")) == "<CliAdapter tool>"
