import pytest

from reconciler.protocol.transcript import Turn
from reconciler.provider_types.qwen_chats import CLIENT, SESSION, Chat, Chats, Conversation, Whose

CHAT = Chat("chat", "answer")
HELLO = (Turn("user", "hello"),)
MORE = (*HELLO, Turn("assistant", "hi"), Turn("user", "more"))


def whose(client: str | None = "default/a", session: str | None = None, **given: object) -> Whose:
    told = ((CLIENT, client), (SESSION, session))
    return Whose.of(tuple((name, value) for name, value in told if value is not None), given, "m")


def conversation(of: Whose, *turns: Turn) -> Conversation:
    return Conversation(of, turns)


def kept(of: Whose, answer: str = "hi") -> Chats:
    chats = Chats()
    chats.keep(conversation(of, *HELLO), answer, CHAT)
    return chats


def test_the_same_caller_with_the_same_words_goes_on_once() -> None:
    chats, more = kept(whose()), conversation(whose(), *MORE)
    assert chats.take(more) == CHAT
    assert chats.take(more) is None
    chats.put_back(more, CHAT)
    assert chats.take(more) == CHAT
    assert len(chats) == 0


@pytest.mark.parametrize(
    "other",
    [
        whose("default/b"),
        whose("other/a"),
        whose(None),
        whose(session="s"),
        whose(user="u"),
        whose(safety_identifier="u"),
        whose()._replace(model="another"),
    ],
)
def test_nobody_else_does(other: Whose) -> None:
    assert kept(whose()).take(conversation(other, *MORE)) is None
    assert kept(other).take(conversation(whose(), *MORE)) is None


def test_what_ids_say_is_not_run_together() -> None:
    """A session that is written as another caller's name and its session."""
    assert kept(whose("a/b", "c")).take(conversation(whose("a/", "bc"), *MORE)) is None


@pytest.mark.parametrize(
    "turns",
    [
        (Turn("user", "Hello"), *MORE[1:]),
        (HELLO[0], Turn("assistant", "hi!"), MORE[2]),
        (Turn("system", "s"), *MORE),
        HELLO,
        (*HELLO, Turn("assistant", "hi")),
        (*MORE, Turn("assistant", "x"), Turn("user", "y")),
    ],
)
def test_other_words_begin_anew(turns: tuple[Turn, ...]) -> None:
    assert kept(whose()).take(conversation(whose(), *turns)) is None


def test_blanks_around_a_text_are_nothing() -> None:
    stripped = (Turn("user", " hello\n"), Turn("assistant", "hi "), Turn("user", "more"))
    assert kept(whose(), " hi\n").take(conversation(whose(), *stripped)) == CHAT


def test_what_fits_two_conversations_is_neithers() -> None:
    chats = kept(whose(None))
    for _ in range(2):
        chats.keep(conversation(whose(None), *HELLO), "hi", Chat("another", "b"))
        assert chats.take(conversation(whose(None), *MORE)) is None


def test_a_client_that_names_its_session_may_shorten_answers_and_nobody_else() -> None:
    shortened = (HELLO[0], Turn("assistant", "..."), MORE[2])
    known = whose(session="s")
    assert kept(known).take(conversation(known, *shortened)) == CHAT
    assert kept(known).take(conversation(known, Turn("user", "other"), *shortened[1:])) is None
    for other in (whose(None, "s"), whose()):
        assert kept(other).take(conversation(other, *shortened)) is None


def test_the_longest_unused_is_forgotten_first() -> None:
    chats = Chats(most=2)
    for name in ("a", "b", "c"):
        chats.keep(conversation(whose(name), *HELLO), "hi", CHAT)
    found = [chats.take(conversation(whose(name), *MORE)) for name in ("a", "b", "c")]
    assert found == [None, CHAT, CHAT]


def test_two_workers_share_nothing() -> None:
    assert Chats()._key(whose(), HELLO) != Chats()._key(whose(), HELLO)


def test_users_that_are_no_text_are_none() -> None:
    assert whose(user=1) == whose()
