from fakes.conversation import JSON

from reconciler.gateway.dispatch.nobody import NOBODY


def test_whatever_is_said_nothing_comes_of_it() -> None:
    NOBODY.head(200, JSON, 2)
    NOBODY.data(b"{}")
    NOBODY.finish()
    NOBODY.answer(200, JSON, b"{}")
    NOBODY.abort()
