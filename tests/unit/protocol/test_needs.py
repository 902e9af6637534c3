import pytest

from reconciler.protocol.needs import needs

PICTURE = {"type": "image_url", "image_url": {"url": "https://a.example/x.png"}}


@pytest.mark.parametrize(
    ("members", "needed"),
    [
        ({}, set()),
        ({"messages": "no list", "tools": [], "modalities": "audio"}, set()),
        ({"messages": [{"role": "user", "content": "image_url"}, 1]}, set()),
        ({"tools": [{"type": "function"}]}, {"tools"}),
        ({"functions": [{"name": "f"}]}, {"tools"}),
        ({"response_format": {"type": "json_object"}}, set()),
        ({"response_format": {"type": "json_schema"}}, {"jsonschema"}),
        ({"text": {"format": {"type": "json_schema"}}}, {"jsonschema"}),
        ({"output_config": {"format": {"type": "json_schema"}}}, {"jsonschema"}),
        ({"output_format": {"type": "json_schema"}}, {"jsonschema"}),
        ({"messages": [{"content": [{"type": "text"}, PICTURE]}]}, {"vision"}),
        ({"input": [{"content": [{"type": "input_image"}, {"type": "input_audio"}]}]}, {"vision", "audio"}),
        ({"messages": [{"content": [{"type": "tool_result", "content": [{"type": "image"}]}]}]}, {"vision"}),
        ({"modalities": ["text", "audio"]}, {"audio"}),
        ({"messages": [{"content": [{"type": ["image"]}]}]}, set()),
    ],
)
def test_what_a_body_needs(members: dict[str, object], needed: set[str]) -> None:
    assert needs(members) == needed
