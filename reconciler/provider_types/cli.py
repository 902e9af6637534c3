"""Type cli: a program on the gateway's machine that reads a prompt and writes an answer.

Which programs may be run is fixed by the process (--allow-exec); without any, providers of this type are refused. No
shell is ever between: what a request says is the program's input, or one whole argument of it, and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.clock import Clock, SystemClock
from reconciler.protocol.chat import json_object, model_of
from reconciler.protocol.errors import InvalidRequest, endpoint_not_served, invalid_body
from reconciler.protocol.transcript import transcript, turns_of
from reconciler.provider_types.base import Adapter, Endpoint, Headers, ProviderType, UpstreamRequest
from reconciler.provider_types.cli_config import CliConfig, takes_prompt
from reconciler.provider_types.config import ProviderConfig
from reconciler.provider_types.discovery import Discovery, Listed
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.provider_types.text_answers import text_answer
from reconciler.provider_types.tool_text import with_tool_calling
from reconciler.provider_types.translation import Translating

SCHEME = "cli:"
"""What the URL of a request to a program begins with; its model follows."""
RUN, LOOK = "RUN", "LOOK"
"""The methods of such a request: the program is run with the body as its prompt; it is looked whether it is there."""
MAX_ARGUMENT = 120_000
"""Bytes of a prompt that is an argument: Linux takes 128 KiB."""
_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class CliAdapter(Translating):
    """Writes prompts. `argument`: the prompt is one, and not standard input."""

    executable: str
    argument: bool = False
    clock: Clock = _CLOCK

    def translated(self, endpoint: Endpoint, body: bytes, passed: Headers) -> UpstreamRequest:  # noqa: ARG002  there are none
        given = json_object(body)
        model = model_of(given)
        prompt = self._prompt(endpoint, given, model)
        try:
            sent = prompt.encode()
        except UnicodeEncodeError:
            raise _wrong("The prompt holds half of a character.") from None
        if self.argument and (len(sent) > MAX_ARGUMENT or b"\0" in sent):
            raise _wrong("This model's provider takes no such prompt: it is too long, or holds a NUL.")
        if model.startswith("-"):
            raise _wrong("This model's provider takes no name that looks like an option.", "model")
        created = int(self.clock.now().timestamp())
        reader = text_answer(endpoint, model, created, stream=given.get("stream") is True)
        return UpstreamRequest(RUN, SCHEME + model, (), sent, reader)

    def probe(self, path: str | None) -> UpstreamRequest:  # noqa: ARG002  it has none
        return UpstreamRequest(LOOK, SCHEME, (), b"")

    def _prompt(self, endpoint: Endpoint, given: dict[str, object], model: str) -> str:
        if endpoint is Endpoint.CHAT:
            return transcript(turns_of(given))
        if endpoint is not Endpoint.COMPLETIONS:
            raise InvalidRequest(endpoint_not_served(model, ENDPOINTS[endpoint].path))
        prompt = given.get("prompt")
        if not isinstance(prompt, str):
            raise _wrong("This model's provider takes one prompt, as a text.", "prompt")
        return prompt

    def __repr__(self) -> str:
        return f"<CliAdapter {self.executable}>"


def build(config: ProviderConfig, secrets: Mapping[str, str]) -> Adapter:  # noqa: ARG001  it has none
    if not isinstance(config, CliConfig):
        raise TypeError(f"not a config of type cli: {type(config).__name__}")
    adapter = CliAdapter(config.executable, takes_prompt(config.args))
    return with_tool_calling(adapter, config.toolCalling or "off")


def _wrong(message: str, param: str = "messages") -> InvalidRequest:
    return InvalidRequest(invalid_body(message, param, "invalid_value"))


def _no_models(_: bytes) -> Listed:
    """A program can't be asked which models it has."""
    return Listed(())


SERVED = frozenset({Endpoint.CHAT, Endpoint.COMPLETIONS})

CLI = ProviderType(
    name="cli",
    config=CliConfig,
    transport="process",
    build=build,
    in_place=("timeout", "firstByteTimeout", "idleTimeout"),
    endpoints=SERVED,
    discovery=Discovery(_no_models),
)
