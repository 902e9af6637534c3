import base64
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.secrets.search import SHORTEST, Hit, Search, spellings
from reconciler.secrets.value import SecretValue

SECRET = 'sk-Zq7LitWv9rKe+/h3T"Nb6\\sYd2Jm'


def found(content: bytes, **known: str) -> list[Hit]:
    search = Search({name: SecretValue(value) for name, value in known.items()})
    return list(search.hits([content]))


@pytest.mark.parametrize(
    ("spelled", "form"),
    [
        (SECRET, "its beginning"),
        (SECRET[:12], "its beginning"),
        (SECRET[-12:], "its end"),
        (json.dumps(SECRET)[-17:], "its end"),
        (quote(SECRET, safe="")[4:], None),
        (quote(SECRET, safe=""), "its beginning"),
        (SECRET.encode().hex(), "hexadecimal"),
        (SECRET.encode().hex().upper(), "hexadecimal"),
        (SECRET[1:12], None),
        (SECRET[::-1], None),
    ],
)
def test_how_a_secret_is_spelled(spelled: str, form: str | None) -> None:
    hits = found(f"before {spelled} after".encode(), a=SECRET)
    assert [hit.form for hit in hits][:1] == ([] if form is None else [form])


@pytest.mark.parametrize("shift", range(5))
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_wherever_it_stands_in_what_was_encoded(shift: int, encode: Callable[[bytes], bytes]) -> None:
    content = encode(b"x" * shift + SECRET.encode() + b"tail")
    assert [hit.form for hit in found(content, a=SECRET)] == ["base64"]
    assert [hit.form for hit in found(encode(b"Bearer " + SECRET.encode()), a=SECRET)] == ["base64"]


def test_special_characters_hide_none_of_it() -> None:
    odd = 'a/b"c\\d+e f=g&häi'
    for spelled in (
        json.dumps(odd),
        json.dumps(odd, ensure_ascii=False),
        quote(odd),
        repr(odd),
        quote(odd, safe="").lower(),
    ):
        assert found(spelled.encode(), a=odd), spelled
    assert found(json.dumps(odd).replace("/", "\\/").encode(), a=odd)


def test_of_a_key_file_its_lines_count_and_not_what_all_have() -> None:
    body = "MC4CAQAwBQYDK2VwBCIEIH+fc3AzOm0vFQvHkMwQGxJD8Pz2lDNUhS5D"
    pem = f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"
    assert found(pem.replace(body, "MC4CAQAwBQZZZZZZZZZZZ").encode(), tls=pem) == []
    assert [hit.secret for hit in found(pem.encode(), tls=pem)][:1] == ["tls"]


def test_a_secret_that_begins_as_another_is_found_as_either() -> None:
    assert [hit.secret for hit in found(b"sk-abcdefgh", a="sk-abcdefgh", b="sk-abcdefghijkl")] == ["a"]
    assert found(b"sk-abcdefghijkl", a="sk-abcdefgh", b="sk-abcdefghijkl")


def test_what_is_too_short_is_named_and_not_looked_for() -> None:
    search = Search({"x": SecretValue("x"), "y": SecretValue("seven77"), "z": SecretValue("eight888")})
    assert search.too_short == ["x", "y"]
    assert [hit.secret for hit in search.hits([b"x seven77 eight888"])] == ["z"]
    assert list(Search({}).hits([b"anything"])) == []


def test_two_names_of_one_value_and_beginnings_that_are_shared() -> None:
    hits = found(
        b"sk-one-two-three-four sk-one-two-three-five", a="sk-one-two-three-four", b="sk-one-two-three-five"
    )
    assert {hit.secret for hit in hits} >= {"a"}
    assert [hit.at for hit in hits if hit.form == "its beginning"] == [0, 22]


@given(
    st.lists(st.text(min_size=SHORTEST, max_size=40), min_size=1, max_size=4, unique=True),
    st.binary(max_size=60),
    st.integers(1, 7),
)
def test_pieces_change_nothing(values: list[str], filling: bytes, size: int) -> None:
    known = {str(number): SecretValue(value) for number, value in enumerate(values)}
    search = Search(known)
    content = filling.join(value.encode("utf-8", "surrogatepass") for value in values) + filling
    whole = list(search.hits([content]))
    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    assert list(search.hits(pieces)) == whole
    assert whole or all(not spellings(value) for value in known.values())


def test_memory_is_bounded_by_a_piece() -> None:
    hits = Search({"a": SecretValue(SECRET)}).hits(b"x" * 100_000 for _ in range(50))
    assert list(hits) == []
    at = list(
        Search({"a": SecretValue(SECRET)}).hits([b"x" * 99_990, SECRET.encode()[:5], SECRET.encode()[5:]])
    )
    assert at[0] == Hit("a", "its beginning", 99_990)
