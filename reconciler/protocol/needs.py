"""What a request needs a model to be able to do, as its members tell it.

The words are those of a Model's capabilities, without signs between them: tools, vision, jsonschema, audio.
"""

from collections.abc import Iterator, Mapping

TOOLS, VISION, JSON_SCHEMA, AUDIO = "tools", "vision", "jsonschema", "audio"
CAPABILITIES = frozenset({TOOLS, VISION, JSON_SCHEMA, AUDIO})

NEED_MEMBERS = frozenset(
    {
        "audio",
        "functions",
        "input",
        "messages",
        "modalities",
        "output_config",
        "output_format",
        "response_format",
        "text",
        "tools",
    }
)
"""Those that are looked at: of chat, of responses, and of Anthropic's messages."""

_PARTS = {
    "image": VISION,
    "image_url": VISION,
    "input_image": VISION,
    "audio": AUDIO,
    "input_audio": AUDIO,
}
_FORMATS = (("response_format",), ("text", "format"), ("output_format",), ("output_config", "format"))
_DEPTH = 4
"""A picture stands in a message's content, or in that of a tool's result."""


def needs(members: Mapping[str, object]) -> frozenset[str]:
    """`members` are the values of those in NEED_MEMBERS that the body has."""
    return frozenset(_needs(members))


def _needs(members: Mapping[str, object]) -> Iterator[str]:
    if members.get("tools") or members.get("functions"):
        yield TOOLS
    if any(_asks_schema(members, path) for path in _FORMATS):
        yield JSON_SCHEMA
    modalities = members.get("modalities")
    if isinstance(modalities, list) and "audio" in modalities:
        yield AUDIO
    for name in ("messages", "input"):
        yield from _of_parts(members.get(name), _DEPTH)


def _asks_schema(members: Mapping[str, object], path: tuple[str, ...]) -> bool:
    value: object = members
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return isinstance(value, Mapping) and value.get("type") == "json_schema"


def _of_parts(value: object, depth: int) -> Iterator[str]:
    if not isinstance(value, list) or not depth:
        return
    for part in value:
        if isinstance(part, dict):
            kind = part.get("type")
            if isinstance(kind, str) and kind in _PARTS:
                yield _PARTS[kind]
            yield from _of_parts(part.get("content"), depth - 1)
