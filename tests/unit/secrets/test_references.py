import pytest

from reconciler.errors import InvalidInput
from reconciler.json_types import JsonValue
from reconciler.secrets.references import (
    EntryReference,
    FromEnv,
    FromFile,
    FromSecret,
    Literal,
    Sealed,
    SealedHere,
    SecretReference,
    parse,
    parse_entry,
)
from reconciler.secrets.value import SecretValue


@pytest.mark.parametrize(
    ("written", "reference"),
    [
        ("sk-x", Literal(SecretValue("sk-x"))),
        ({"sealed": "v-1aB_-"}, Sealed("v-1aB_-")),
        ({"sealed": "s1-aB_-"}, SealedHere("s1-aB_-")),
        ({"valueFrom": {"env": "OPENAI_API_KEY"}}, FromEnv("OPENAI_API_KEY")),
        ({"valueFrom": {"file": "/run/secrets/x"}}, FromFile("/run/secrets/x")),
        ({"valueFrom": {"secret": {"name": "keys", "key": "openai"}}}, FromSecret("keys", "openai")),
    ],
)
def test_the_forms_of_a_secret_field(written: JsonValue, reference: SecretReference) -> None:
    assert parse(written) == reference


@pytest.mark.parametrize(
    ("written", "reference"),
    [
        ({"value": "sk-x"}, Literal(SecretValue("sk-x"))),
        ({"sealed": "v-1"}, Sealed("v-1")),
        ({"sealed": "s1-x"}, SealedHere("s1-x")),
        ({"valueFrom": {"env": "OPENAI_API_KEY"}}, FromEnv("OPENAI_API_KEY")),
        ({"valueFrom": {"file": "/run/secrets/x"}}, FromFile("/run/secrets/x")),
    ],
)
def test_the_forms_of_an_entry(written: JsonValue, reference: EntryReference) -> None:
    assert parse_entry(written) == reference


MALFORMED: list[JsonValue] = [
    None,
    "",
    12,
    True,
    ["canary"],
    {},
    {"sealed": "canary"},
    {"sealed": "v-"},
    {"sealed": "v-canary!"},
    {"sealed": "s1-canary!"},
    {"sealed": "s2-canary"},
    {"sealed": None},
    {"canary": "x"},
    {"sealed": "v-1", "valueFrom": {"env": "X"}},
    {"valueFrom": "canary"},
    {"valueFrom": {}},
    {"valueFrom": {"env": "X", "file": "canary"}},
    {"valueFrom": {"env": ""}},
    {"valueFrom": {"file": ["canary"]}},
    {"valueFrom": {"canary": "x"}},
]


@pytest.mark.parametrize(
    "written",
    [
        *MALFORMED,
        {"value": "canary"},
        {"valueFrom": {"secret": "canary"}},
        {"valueFrom": {"secret": {"name": "canary"}}},
        {"valueFrom": {"secret": {"name": "a", "key": ["canary"]}}},
        {"valueFrom": {"secret": {"name": "a", "key": "b", "canary": "c"}}},
    ],
)
def test_a_malformed_field_is_refused_without_echo(written: JsonValue) -> None:
    with pytest.raises(InvalidInput, match="expected") as caught:
        parse(written)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "written",
    [
        *MALFORMED,
        "canary",
        {"value": ""},
        {"value": 12},
        {"value": {"canary": 1}},
        {"valueFrom": {"secret": {"name": "canary", "key": "b"}}},
    ],
)
def test_a_malformed_entry_is_refused_without_echo(written: JsonValue) -> None:
    with pytest.raises(InvalidInput, match="expected") as caught:
        parse_entry(written)
    assert "canary" not in str(caught.value)


def test_a_literal_is_masked() -> None:
    assert repr(parse("canary")) == "Literal(value=SecretValue(***))"
