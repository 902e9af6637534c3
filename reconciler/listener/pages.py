"""The web pages that Settings.cors lets use a listener, beside those of its flags. Other Settings, other pages: no restart."""

from collections.abc import Iterable
from dataclasses import dataclass

from reconciler.listener.cors import PLAIN, Manner
from reconciler.listener.origins import origin_of


@dataclass(frozen=True, slots=True)
class Pages:
    """`every`: those of all origins, which is for listeners that ask for keys."""

    origins: frozenset[str] = frozenset()
    every: bool = False
    manner: Manner = PLAIN

    def has(self, origin: str) -> bool:
        return self.every or origin in self.origins

    def manner_of(self, origin: str) -> Manner:
        return self.manner if self.has(origin) else PLAIN


NO_PAGES = Pages()


def pages(
    origins: Iterable[str], *, credentials: bool, headers: Iterable[str] | None, max_age: int, every: bool
) -> Pages:
    """From what Settings say. `headers` None: all that a page asks for."""
    named = None if headers is None else ", ".join(sorted(headers)).encode()
    return Pages(
        frozenset(origin_of(origin.rstrip("/")) for origin in origins if origin != "*"),
        every,
        Manner(credentials=credentials, headers=named, max_age=max_age),
    )
