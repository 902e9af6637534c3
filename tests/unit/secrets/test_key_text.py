from hypothesis import given
from hypothesis import strategies as st

from reconciler.secrets.key_text import hash_of, id_in, is_of, mint


def test_a_key_is_found_by_its_id_and_known_by_its_hash() -> None:
    made = mint("rt")
    assert id_in(made.text, "rt") == made.id
    assert id_in(made.text, "rk") is None
    assert made.hash == hash_of(made.text)
    assert is_of(made.text, made.hash)
    assert not is_of(made.text, mint("rt").hash)
    assert not is_of(made.text, None)
    assert [len(part) for part in made.text.split("-")] == [2, 12, 43]


def test_no_two_are_alike_and_none_is_shown() -> None:
    made = [mint("rk") for _ in range(50)]
    assert len({each.id for each in made}) == len({each.text for each in made}) == 50
    assert made[0].text not in repr(made[0])


@given(
    st.text(max_size=80) | st.from_regex(r"r[tk]-[0-9A-Za-z]{10,14}-[0-9A-Za-z]{40,46}\n?", fullmatch=True)
)
def test_only_what_was_minted_like_this_has_an_id(text: str) -> None:
    found = id_in(text, "rt")
    if found is not None:
        assert (len(text), text.isascii(), text.startswith(f"rt-{found}-")) == (59, True, True)


def test_a_text_that_no_hash_is_of_is_hashed_all_the_same() -> None:
    assert not is_of("\udcff".encode("utf-8", "surrogateescape").decode("latin-1"), None)
