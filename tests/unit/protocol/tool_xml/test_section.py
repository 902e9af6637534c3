from reconciler.protocol.tool_xml.reading import CallReader
from reconciler.protocol.tool_xml.section import section
from reconciler.protocol.tool_xml.tools import Call, tool
from reconciler.protocol.tool_xml.wishes import Wishes

WRITE = tool(
    "write",
    "Writes a file.",
    {
        "$defs": {"Mode": {"enum": ["add", "new"]}},
        "properties": {
            "path": {"type": "string", "description": "Where."},
            "mode": {"$ref": "#/$defs/Mode"},
            "times": {"type": "integer"},
            "list": {"type": "array"},
        },
        "required": ["path", "mode", "times"],
    },
)


def test_all_that_the_tools_are_is_told() -> None:
    free = tool("free", "", {"type": "object"})
    told = section(Wishes((WRITE, free, tool("now", "", {}))))
    for part in (
        "## write\nWrites a file.\nArguments:\n",
        '- path (required), JSON Schema: {"type": "string", "description": "Where."}',
        "- list (optional), JSON Schema:",
        'What $defs are in these: {"Mode": {"enum": ["add", "new"]}}',
        '## free\nWrite its arguments as one JSON object in place of elements. JSON Schema of the object:\n{"type": "object"}',
        "## now\nArguments: none",
        "several calls in one answer",
        "where none does, answer without",
    ):
        assert part in told


def test_its_example_is_a_call_of_a_tool_that_there_is() -> None:
    told = section(Wishes((WRITE,)))
    reader = CallReader([WRITE])
    assert Call("write", '{"path": "text", "mode": "add", "times": 3}') in [
        *reader.feed(told),
        *reader.finish(),
    ]
    assert '<free>{"a": 3}' not in told
    optional = tool("t", "", {"properties": {"a": {"type": "null"}, "b": {}}})
    assert "<t>\n<a>null</a>\n</t>" in section(Wishes((optional,)))


def test_whether_one_has_to_be_called_is_told() -> None:
    assert "has to call the tool `write`" in section(Wishes((WRITE,), must=True))
    both = (WRITE, tool("now", "", {}))
    assert "has to call one of these tools" in section(Wishes(both, must=True))
    assert "one call an answer at most" in section(Wishes(both, one=True))
