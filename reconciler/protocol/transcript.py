"""A conversation as one text, for models that take nothing but text: programs, and the first message of a web session.

A system message stands first, as it is. One message of the user stands alone, without a word around it. Of longer
conversations each turn is headed by who speaks, and the text ends where the assistant is to go on:

    You are brief.

    User:
    What is 2 + 2?

    Assistant:
    4

    User:
    And 3 + 3?

    Assistant:

What a turn says is not quoted, so a user may write what looks like another turn: models are told the same by any chat.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from reconciler.protocol.errors import InvalidRequest, invalid_body

_SYSTEM = frozenset({"system", "developer"})
_ROLES = _SYSTEM | {"user", "assistant"}
_HEADINGS = {"user": "User:", "assistant": "Assistant:"}
_TEXTS = frozenset({"text", "input_text", "output_text", "refusal"})


class Turn(NamedTuple):
    """`role` is system, user or assistant."""

    role: str
    text: str


def turns_of(request: dict[str, object]) -> tuple[Turn, ...]:
    """The messages of a chat. Raises InvalidRequest for what no text can say: pictures, calls of tools, several choices."""
    messages = request.get("messages")
    if not isinstance(messages, list) or not messages:
        raise _wrong("Missing required parameter: 'messages'.", "messages", "missing_required_parameter")
    if request.get("n") not in (None, 1):
        raise _wrong("This model's provider writes one choice a request; leave out `n`.", "n")
    form = request.get("response_format")
    if isinstance(form, dict) and form.get("type") not in (None, "text"):
        raise _wrong(
            "This model's provider writes plain text; leave out `response_format`.", "response_format"
        )
    return tuple(_turn(message, f"messages[{place}]") for place, message in enumerate(messages))


def transcript(turns: Sequence[Turn]) -> str:
    system = [turn.text for turn in turns if turn.role == "system" and turn.text]
    said = [turn for turn in turns if turn.role != "system"]
    if len(said) == 1 and said[0].role == "user":
        return "\n\n".join([*system, said[0].text])
    return "\n\n".join([*system, *_headed(said)])


def _headed(said: Iterable[Turn]) -> Iterable[str]:
    for turn in said:
        yield f"{_HEADINGS[turn.role]}\n{turn.text}"
    yield _HEADINGS["assistant"]


def _turn(message: object, at: str) -> Turn:
    role = message.get("role") if isinstance(message, dict) else None
    if not isinstance(message, dict) or not isinstance(role, str):
        raise _wrong(f"Invalid '{at}': expected an object with a role.", at)
    if role not in _ROLES or message.get("tool_calls") or message.get("function_call"):
        raise _wrong("This model's provider knows of no tools and of their results.", at)
    return Turn("system" if role in _SYSTEM else role, _text(message.get("content"), f"{at}.content"))


def _text(content: object, at: str) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    if not isinstance(content, list):
        raise _wrong(f"Invalid type for '{at}': expected a text or a list of parts.", at, "invalid_type")
    return "\n".join(_part(part, at) for part in content)


def _part(part: object, at: str) -> str:
    kind = part.get("type", "text") if isinstance(part, dict) else None
    text = part.get(kind if kind == "refusal" else "text") if isinstance(part, dict) else None
    if kind not in _TEXTS or not isinstance(text, str):
        raise _wrong("This model's provider takes texts alone, and no pictures, sounds or files.", at)
    return text


def _wrong(message: str, param: str, code: str = "invalid_value") -> InvalidRequest:
    return InvalidRequest(invalid_body(message, param, code))
