"""The sessions that TLS to upstreams goes on with. Whom to trust is `snapshot.tls`'s."""

import ssl

MAX_SESSIONS = 512
"""Places whose last session is kept."""


class Sessions:
    """The last session with each place, all of one context.

    A session stands for a certificate that was verified when it began, by that context and for that very name.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], ssl.SSLSession] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def last(self, place: tuple[str, int]) -> ssl.SSLSession | None:
        return self._kept.get(place)

    def keep(self, place: tuple[str, int], session: ssl.SSLSession) -> None:
        self._kept.pop(place, None)
        if len(self._kept) >= MAX_SESSIONS:
            del self._kept[next(iter(self._kept))]
        self._kept[place] = session
