"""The snapshot in force: one pointer, swapped whole."""

from collections.abc import Callable

from reconciler.snapshot.model import Snapshot


class Registry:
    """Readers take `current` once a request. Whoever listens is told of each snapshot after it came into force."""

    def __init__(self) -> None:
        self._current: Snapshot | None = None
        self._listeners: list[Callable[[Snapshot], None]] = []

    @property
    def current(self) -> Snapshot | None:
        """None until the first snapshot was compiled."""
        return self._current

    def listen(self, listener: Callable[[Snapshot], None]) -> None:
        self._listeners.append(listener)

    def publish(self, snapshot: Snapshot) -> bool:
        """Puts `snapshot` in force; False, and nothing happens, where a later revision already is."""
        if self._current is not None and snapshot.revision < self._current.revision:
            return False
        self._current = snapshot
        for listener in self._listeners:
            listener(snapshot)
        return True
