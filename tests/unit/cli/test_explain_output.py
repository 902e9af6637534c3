from reconciler.cli.explain_output import explained, field_json
from reconciler.control.manifest.fields import Field

INNER = Field("inner", "integer", "", default=0, enum=(0, 1), examples=(1,))
FIELD = Field(
    "outer", "[]Object", "Two words. " * 12, required=True, fields=(INNER,), provider_types=("a", "b")
)


def test_all_that_is_known_of_a_field() -> None:
    assert explained("Model", ("spec", "inner"), INNER, recursive=False) == (
        "KIND:       Model\nVERSION:    routerctl.dev/v1\n\nFIELD: spec.inner <integer>\n\nDESCRIPTION:\n    <empty>\n\n"
        "ENUM:\n    0, 1\n\nDEFAULT:\n    0\n\nEXAMPLES:\n    1"
    )


def test_a_field_with_fields() -> None:
    text = explained("Model", ("outer",), FIELD, recursive=False)
    assert "TYPES:\n    a, b\n" in text
    assert text.endswith("FIELDS:\n  inner\t<integer>\n    <empty>\n    one of 0, 1; default: 0\n")
    assert max(map(len, text.splitlines())) <= 80
    assert explained("Model", (), FIELD, recursive=True).endswith("FIELDS:\n  inner\t<integer>")


def test_as_data() -> None:
    shallow = field_json("Model", ("outer",), Field("top", "Object", "x", fields=(FIELD,)), recursive=False)
    assert shallow["fields"] == [
        {
            "name": "outer",
            "type": "[]Object",
            "required": True,
            "description": FIELD.description,
            "providerTypes": ["a", "b"],
        }
    ]
    deep = field_json("Model", ("outer",), FIELD, recursive=True)
    assert deep["fields"] == [
        {
            "name": "inner",
            "type": "integer",
            "required": False,
            "description": "",
            "default": 0,
            "enum": [0, 1],
            "examples": [1],
        }
    ]
