import pytest

from reconciler.control.manifest.foreign_yaml import read_foreign
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject


@pytest.mark.parametrize(
    ("text", "data"),
    [
        (
            "a: 0.20\nb: 1e-05\nc: .inf\nd: 99999999999999999999\n",
            {"a": "0.20", "b": "1e-05", "c": ".inf", "d": "99999999999999999999"},
        ),
        ("a: 1\r\nb: yes\r\n", {"a": 1, "b": "yes"}),
        ("a: 1\na: 2\n", {"a": 2}),
        (
            "x: &x {a: 1, b: {c: 1}}\ny:\n  <<: *x\n  a: 2\n",
            {"x": {"a": 1, "b": {"c": 1}}, "y": {"a": 2, "b": {"c": 1}}},
        ),
        (
            "x: &x {a: 1}\nz: &z {a: 2, b: 3}\ny: [{<<: [*x, *z, 5]}]\n",
            {"x": {"a": 1}, "z": {"a": 2, "b": 3}, "y": [{"a": 1, "b": 3}]},
        ),
        ("---\n\ufeffa: 1\n".replace("\ufeff", ""), {"a": 1}),
        ("1: x\ntrue: y\n", {"1": "x", "true": "y"}),
    ],
)
def test_others_write_more_than_manifests_may(text: str, data: JsonObject) -> None:
    assert read_foreign(text.encode(), "f") == data


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"- a\n", "no mapping"),
        (b"", "no mapping"),
        (b"a: [\n", "f:"),
        (b"a: !secret s3cret\n", "tags"),
        (b"a: *nowhere\n", "f:1"),
        (b"a: 1\n---\nb: 1\n", "several"),
        (b"\xff\xfe", "UTF-8"),
        (b"a: " + b"x" * 1024 * 1024, "larger"),
        (b"[" * 100 + b"]" * 100, "f:1"),
    ],
)
def test_what_can_not_be_read_is_said_without_its_contents(content: bytes, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        read_foreign(content, "f")
    assert "s3cret" not in str(caught.value)
