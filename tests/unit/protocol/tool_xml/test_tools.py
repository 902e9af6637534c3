import json

import pytest

from reconciler.protocol.tool_xml.elements import Found
from reconciler.protocol.tool_xml.tools import Call, cdata, is_tag, json_object, tool

POINT = {"type": "object", "properties": {"x": {"type": "integer"}, "name": {"type": "string"}}}


def argument(schema: object, text: str, *more: str, verbatim: bool = False) -> object:
    made = tool("t", "", {"properties": {"p": schema}})
    found = [Found(b"p", each.encode(), verbatim) for each in (text, *more)]
    return json.loads(made.read(found).arguments)["p"]


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "string"}, "007", "007"),
        ({"type": "string"}, "true", "true"),
        ({"type": "string"}, "\n a\nb \n", " a\nb "),
        ({"type": "string"}, "\r\na\r\n", "a"),
        ({"type": "string"}, '"a"', '"a"'),
        ({"type": "integer"}, " 7 ", 7),
        ({"type": "integer"}, "007", "007"),
        ({"type": "number"}, "1e3", 1000.0),
        ({"type": "number"}, "NaN", "NaN"),
        ({"type": "boolean"}, "True", True),
        ({"type": "null"}, "null", None),
        ({"type": ["string", "integer"]}, "7", 7),
        ({"type": ["string", "integer"]}, "1.5", "1.5"),
        ({"type": ["string", "null"]}, "null", None),
        ({}, "007", "007"),
        ({}, "[1]", [1]),
        ({"type": "array"}, "[1, 2]", [1, 2]),
        ({"type": "array"}, "", []),
        ({"type": "array", "items": {"type": "string"}}, "1", ["1"]),
        ({"type": "array", "items": {"type": "integer"}}, "<item>1</item>\n<item>2</item>", [1, 2]),
        ({"type": ["array", "null"]}, "null", None),
        ({"type": "object"}, '{"a": {"b": []}}', {"a": {"b": []}}),
        (POINT, "<x>1</x><name>007</name>", {"x": 1, "name": "007"}),
        ({"type": "array", "items": POINT}, "<item><x>1</x></item>", [{"x": 1}]),
        ({"type": "object"}, "{broken", "{broken"),
        ({"type": "integer"}, '"seven"', "seven"),
    ],
)
def test_values_are_read_by_their_schema(schema: object, text: str, value: object) -> None:
    assert argument(schema, text) == value


def test_a_list_may_be_several_elements() -> None:
    strings = {"type": "array", "items": {"type": "string"}}
    assert argument(strings, "a", "b") == ["a", "b"]
    assert argument(strings, '["a"]', "b", "[]") == ["a", "b"]


def test_in_cdata_each_character_counts() -> None:
    assert argument({"type": "string"}, "\n7\n", verbatim=True) == "\n7\n"
    assert argument({}, "7", verbatim=True) == "7"
    assert argument({"type": "integer"}, "7", verbatim=True) == 7


def test_schemas_that_go_on_for_ever_are_read_to_some_depth() -> None:
    tree: dict[str, object] = {"properties": {"p": {"$ref": "#/$defs/T"}}}
    tree["$defs"] = {"T": {"type": "object", "properties": {"t": {"$ref": "#/$defs/T"}}}}
    made = tool("t", "", tree)
    text = b"<t>" * 40 + b"1" + b"</t>" * 40
    assert json.loads(made.read([Found(b"p", text, verbatim=False)]).arguments)


def test_calls_are_written_so_that_nothing_in_them_is_a_tag() -> None:
    made = tool("t", "", {"properties": {"p": {"type": "string"}, "n": {"type": "array"}}})
    assert made.written({"p": "plain", "n": ["<"]}) == '<t>\n<p>plain</p>\n<n>["\\u003c"]</n>\n</t>'
    assert made.written({"p": "</p>"}) == "<t>\n<p><![CDATA[</p>]]></p>\n</t>"
    assert made.written({"other": "<"}) == '<t>{"other": "\\u003c"}</t>'
    assert made.written({}) == "<t>\n</t>"
    assert cdata("a]]>b") == "<![CDATA[a]]]]><![CDATA[>b]]>"
    typed = tool("t", "", {"properties": {"n": {"type": "integer"}}})
    assert typed.written({"n": "x"}) == '<t>\n<n>"x"</n>\n</t>'


@pytest.mark.parametrize(
    ("schema", "as_json"),
    [
        ({}, False),
        ({"type": "object", "properties": {}}, False),
        ({"type": "object"}, True),
        ({"properties": {"a b": {}}}, True),
        ({"properties": {"ab": {}}}, False),
        ("nonsense", False),
    ],
)
def test_who_has_no_names_that_tags_can_have_is_called_by_json(schema: object, as_json: bool) -> None:
    assert tool("t", "", schema).as_json is as_json


def test_names_and_what_is_required() -> None:
    assert is_tag("mcp__files-read.v2")
    assert not is_tag("a b")
    assert not is_tag("")
    assert not is_tag("a" * 129)
    assert tool("t", "", {"required": ["a", 5]}).required == {"a"}
    assert tool("t", "", {"required": "a"}).required == frozenset()


def test_arguments_as_one_object() -> None:
    assert json_object(b' {"a": 1} ') == '{"a": 1}'
    assert json_object(b"[1]") is None
    assert json_object(b"{") is None
    assert tool("t", "", {}).read([]) == Call("t", "{}")
