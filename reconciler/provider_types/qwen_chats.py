"""Which chat of the web session goes on with a conversation: that of the same caller and the very same words, and no other.

A chat is found by all that came before: who asks, what session they name, the model, and each message, as a keyed hash. So it
goes on only where its history is the one that the request tells. Who takes it has it alone: it is put back under its new
history once the answer is whole. Where two conversations of one caller say the same, neither has a chat: the next
request of both begins a new one. What is not certain costs tokens, and never shows a client what another said.
"""

import hashlib
import os
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from reconciler.protocol.transcript import Turn
from reconciler.provider_types.base import Headers

MOST = 4096
"""Chats that are remembered; the longest unused is forgotten first."""
CLIENT, SESSION = "x-routerctl-client", "x-session-id"
"""Who asks, as the gateway knows it; and which conversation that is, as the client says."""
_USERS = ("user", "safety_identifier")


class Chat(NamedTuple):
    """`parent`: the answer after which it goes on; None at its beginning."""

    id: str
    parent: str | None


class Whose(NamedTuple):
    """A conversation's owner, as far as it is told. `client` and `session` are None where nobody says them."""

    client: str | None
    session: str | None
    users: tuple[str, ...]
    model: str

    @classmethod
    def of(cls, passed: Headers, given: Mapping[str, object], model: str) -> "Whose":
        told = dict(passed)
        users = (given.get(name) for name in _USERS)
        texts = tuple(user if isinstance(user, str) else "" for user in users)
        return cls(told.get(CLIENT), told.get(SESSION), texts, model)

    @property
    def known(self) -> bool:
        """Whether a client that the gateway knows says which conversation it is. Then the words of the answers, which
        clients shorten and write anew, need not be the same; those of the user do.
        """
        return self.client is not None and self.session is not None


class Conversation:
    """A request's messages, parted behind the last answer among them."""

    def __init__(self, whose: Whose, turns: tuple[Turn, ...]) -> None:
        self.whose = whose
        self.turns = turns
        said = [place for place, turn in enumerate(turns) if turn.role == "assistant"]
        self._told = said[-1] + 1 if said else 0

    @cached_property
    def before(self) -> tuple[Turn, ...]:
        return self.turns[: self._told]

    @cached_property
    def new(self) -> tuple[Turn, ...]:
        """What an answer is wanted to."""
        return self.turns[self._told :]

    @property
    def goes_on(self) -> bool:
        return bool(self.before and self.new)

    def answered(self, text: str) -> "tuple[Turn, ...]":
        return (*self.turns, Turn("assistant", text))


class Chats:
    """Those of one worker, with one account of the site."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._secret = os.urandom(32)
        self._kept: OrderedDict[bytes, Chat | None] = OrderedDict()

    def take(self, conversation: Conversation) -> Chat | None:
        """The one that the conversation goes on in, which nobody else gets meanwhile."""
        if not conversation.goes_on:
            return None
        key = self._key(conversation.whose, conversation.before)
        chat = self._kept.get(key)
        if chat is not None:
            del self._kept[key]
        return chat

    def put_back(self, conversation: Conversation, chat: Chat) -> None:
        """Nothing came of it."""
        self._put(self._key(conversation.whose, conversation.before), chat)

    def keep(self, conversation: Conversation, answer: str, chat: Chat) -> None:
        """It was answered, and goes on in this chat."""
        self._put(self._key(conversation.whose, conversation.answered(answer)), chat)

    def __len__(self) -> int:
        return sum(chat is not None for chat in self._kept.values())

    def _put(self, key: bytes, chat: Chat) -> None:
        """What fits two conversations is neither's."""
        self._kept[key] = None if key in self._kept else chat
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def _key(self, whose: Whose, turns: Iterable[Turn]) -> bytes:
        digest = hashlib.blake2b(key=self._secret, digest_size=24)
        for part in (whose.client, whose.session, *whose.users, whose.model):
            _add(digest, part)
        for turn in turns:
            _add(digest, turn.role)
            if turn.role != "assistant" or not whose.known:
                _add(digest, turn.text.strip())
        return digest.digest()


def _add(digest: "hashlib.blake2b", text: str | None) -> None:
    """Parted so that no two lists of texts read alike."""
    if text is None:
        digest.update(b"-")
        return
    written = text.encode(errors="surrogatepass")
    digest.update(b"%d:" % len(written))
    digest.update(written)
