"""What a chat request says of tools: which ones there are, and whether they are to be called."""

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.protocol.errors import InvalidRequest, invalid_body
from reconciler.protocol.tool_xml.tools import Tool, is_tag, tool

MEMBERS = ("tools", "tool_choice", "parallel_tool_calls", "functions", "function_call")
"""Those of a request that are about tools."""

JsonObject = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Wishes:
    """`tools` are those that may be called. `must`: at least one of them has to be. `one`: no more than one may be."""

    tools: tuple[Tool, ...]
    must: bool = False
    one: bool = False


def wishes(request: JsonObject) -> Wishes:
    """Raises InvalidRequest."""
    if request.get("functions"):
        raise _wrong("`functions` can't be used with this model's provider; use `tools`.", "functions")
    declared = _declared(request.get("tools"))
    one = request.get("parallel_tool_calls") is False
    choice = request.get("tool_choice")
    match choice:
        case None | "auto":
            return Wishes(declared, one=one)
        case "none":
            return Wishes(())
        case "required":
            return Wishes(declared, must=True, one=one)
        case {"type": "function", "function": {"name": str(name)}}:
            return Wishes(_named(declared, [name]), must=True, one=one)
        case {"type": "allowed_tools", "allowed_tools": {"tools": list(allowed), **rest}}:
            names = [_function(each, "tool_choice").get("name") for each in allowed]
            return Wishes(_named(declared, names), must=rest.get("mode") == "required", one=one)
        case _:
            raise _wrong(
                "Invalid 'tool_choice': expected none, auto, required, a function or allowed_tools.",
                "tool_choice",
            )


def _declared(given: object) -> tuple[Tool, ...]:
    if given is not None and not isinstance(given, list):
        raise _wrong("Invalid type for 'tools': expected a list.", "tools", "invalid_type")
    tools = [_tool(each, f"tools[{place}]") for place, each in enumerate(given or ())]
    names = {each.name for each in tools}
    if len(names) < len(tools):
        raise _wrong("Invalid 'tools': two of them have the same name.", "tools")
    return tuple(tools)


def _tool(given: object, at: str) -> Tool:
    function = _function(given, at)
    name, description = function.get("name"), function.get("description")
    if not isinstance(name, str) or not is_tag(name):
        message = f"Invalid '{at}.function.name': expected 1 to 128 letters, digits and signs of _ - . : @ $."
        raise _wrong(message, f"{at}.function.name")
    return tool(name, description if isinstance(description, str) else "", function.get("parameters") or {})


def _function(given: object, at: str) -> JsonObject:
    function = given.get("function") if isinstance(given, dict) else None
    if not isinstance(given, dict) or given.get("type") != "function" or not isinstance(function, dict):
        raise _wrong(f"Invalid '{at}': this model's provider takes tools of type function alone.", at)
    return function


def _named(declared: tuple[Tool, ...], names: list[object]) -> tuple[Tool, ...]:
    chosen = tuple(each for each in declared if each.name in names)
    if not chosen:
        raise _wrong("Invalid 'tool_choice': no tool of the request has that name.", "tool_choice")
    return chosen


def _wrong(message: str, param: str, code: str = "invalid_value") -> InvalidRequest:
    return InvalidRequest(invalid_body(message, param, code))
