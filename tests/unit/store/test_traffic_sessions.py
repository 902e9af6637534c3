from itertools import product

from reconciler.store.traffic_sessions import DERIVED, Session, belongs, is_session_id, session_id


def test_an_id_is_of_one_client_alone() -> None:
    told = list(product(("a", "b"), (None, "a", "b"), ("s", "t")))
    ids = {session_id(*each) for each in told}
    assert len(ids) == len(told)
    assert all(is_session_id(each) for each in ids)
    assert session_id("a", "b", "s") == session_id("a", "b", "s")
    assert not is_session_id("ses-1")


def test_a_session_is_meant_by_its_id_or_by_its_clients_word() -> None:
    places = (["n", "n", "n"], ["a", "b", "a"], ["s", "s", None])
    assert belongs("s", *places) == [True, True, False]
    assert belongs(session_id("n", "b", "s"), *places) == [False, True, False]


def test_a_clients_word_may_look_like_an_id() -> None:
    other = session_id("n", "b", "s")
    assert belongs(other, ["n"], ["a"], [other]) == [True]


def test_what_no_client_named_is_told_apart() -> None:
    assert Session(1, 2).row("n", "a", f"{DERIVED}1").derived
    assert not Session(1, 2).row("n", "a", "conversation").derived
