import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.management.credentials import LONGEST, Credential, Kind, credential
from reconciler.secrets.key_text import mint

TOKEN = f"rt-{'a1B2' * 3}-{'c' * 43}"  # not a random one: it is in the names of tests


def sent(*values: bytes, name: bytes = b"authorization") -> Credential:
    return credential([(b"host", b"localhost"), *((name, value) for value in values)])


def test_what_is_sent_is_told_apart() -> None:
    assert credential([]) == Credential(Kind.NONE)
    found = sent(f"Bearer {TOKEN}".encode())
    assert (found.kind, found.text, found.id) == (Kind.TOKEN, TOKEN, TOKEN.split("-")[1])
    assert sent(b"Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln") == Credential(
        Kind.JWT, "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"
    )


@pytest.mark.parametrize(
    "value",
    [
        b"", b"Bearer", b"Bearer ", b"Bearer  " + TOKEN.encode(), b"bearer " + TOKEN.encode(), TOKEN.encode(),
        b"Basic " + TOKEN.encode(), b"Bearer " + TOKEN.encode() + b" ", b"Bearer " + TOKEN.encode() + b"\xe4",
        b"Bearer ' OR 1=1 --", b"Bearer " + b"a" * 1_000_000, b"Bearer a.b", b"Bearer a..c", b"Bearer a.b.c.d",
        b"Bearer a.b.\xff", b"Bearer Bearer " + TOKEN.encode(), b"Bearer " + b"a" * LONGEST + b".b.c",
    ],
)  # fmt: skip
def test_anything_else_is_nobodys(value: bytes) -> None:
    assert sent(value) == Credential(Kind.INVALID)


def test_two_are_none() -> None:
    assert sent(f"Bearer {TOKEN}".encode(), f"Bearer {TOKEN}".encode()) == Credential(Kind.INVALID)
    assert sent(TOKEN.encode(), name=b"x-api-key") == Credential(Kind.INVALID)


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "Basic ", "", "Token   "])
def test_a_key_of_the_data_plane_is_known_however_it_is_sent(scheme: str) -> None:
    key = mint("rk").text
    assert sent(f"{scheme}{key}".encode()) == Credential(Kind.CLIENT)
    assert sent(key.encode(), name=b"x-api-key") == Credential(Kind.CLIENT)
    assert sent(f"Bearer {TOKEN}".encode(), key.encode()) == Credential(Kind.CLIENT)


@given(
    st.lists(
        st.tuples(st.sampled_from([b"authorization", b"x-api-key", b"host"]), st.binary(max_size=200)),
        max_size=4,
    )
)
def test_no_header_breaks_it_and_nothing_is_shown(headers: list[tuple[bytes, bytes]]) -> None:
    found = credential(headers)
    assert "text" not in repr(found)
    if found.kind in {Kind.TOKEN, Kind.JWT}:
        assert found.text.isascii()


@given(st.text(alphabet="rtk-. Bearer0aZ\x00é", max_size=90))
def test_only_a_whole_token_is_one(text: str) -> None:
    found = sent(f"Bearer {text}".encode("latin-1"))
    if found.kind is Kind.TOKEN:
        assert len(text) == 59
