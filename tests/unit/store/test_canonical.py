from collections import OrderedDict

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import InvalidInput
from reconciler.json_types import MAX_SAFE_INTEGER, JsonValue
from reconciler.store.canonical import canonical, sha256

_LEAVES = st.none() | st.booleans() | st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER) | st.text()
_VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    _LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=30
)


@given(_VALUES)
def test_it_writes_what_the_reference_implementation_writes(value: JsonValue) -> None:
    assert canonical(value) == rfc8785.dumps(value)


def test_keys_sort_by_utf16_code_units_where_that_differs_from_code_points() -> None:
    assert canonical({"\ufb33": 1, "\U0001f600": [{"\ufb33": 1, "\U0001f600": 2}]}) == (
        '{"\U0001f600":[{"\U0001f600":2,"\ufb33":1}],"\ufb33":1}'.encode()
    )


def test_a_subclass_of_dict_is_an_object() -> None:
    assert canonical(OrderedDict(b=1, a=2)) == b'{"a":2,"b":1}'


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.5, "float"),
        ({"a": [float("nan")]}, "float"),
        ([2**53], "2**53-1"),
        (-(2**53), "2**53-1"),
        ("\ud800", "surrogate"),
        ({"\udfff": 1}, "surrogate"),
        ({1: 2}, "must be text"),
        ([(1, 2)], "tuple"),
        (b"x", "bytes"),
    ],
)
def test_what_our_json_does_not_hold_is_refused(value: JsonValue, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        canonical(value)
    assert words in str(caught.value)


def test_a_value_nested_without_end_is_refused() -> None:
    value: JsonValue = "x"
    for _ in range(100_000):
        value = [value]
    with pytest.raises(InvalidInput, match="nested"):
        canonical(value)


def test_a_digest_names_its_algorithm() -> None:
    assert sha256(b"") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
