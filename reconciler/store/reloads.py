"""`routerctl reload`, in the records' file: what people ask for, and how far each supervisor is with it.

A supervisor is named as the instances of its workers begin. All of it is observation: a request that nobody heard is lost.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from reconciler.store.observations import Observations

KEPT = 100
"""So many of the newest requests and reports are kept."""

State: TypeAlias = Literal["running", "done", "failed"]


class Reload(NamedTuple):
    """How far a supervisor is with what was asked last, when it heard of it. `problem` is without a secret."""

    supervisor: str
    number: int
    state: State
    replaced: int
    workers: int
    problem: str = ""


def supervisor_of(instance: str) -> str:
    """Whose worker it is."""
    return instance.partition("-")[0]


class Reloads:
    """Every method raises StoreError when the file can't be used."""

    def __init__(self, observations: Observations) -> None:
        self._observations = observations

    def ask(self, now: float) -> int:
        """The request's number. `now` in seconds since the epoch."""
        with self._observations.writing() as connection:
            asked = connection.execute("INSERT INTO reload_request (time) VALUES (?)", (now,))
            number = asked.lastrowid or 0
            connection.execute("DELETE FROM reload_request WHERE number <= ?", (number - KEPT,))
            connection.execute("DELETE FROM reload WHERE number <= ?", (number - KEPT,))
        return number

    def last(self) -> int:
        """The number of the newest; 0 where there is none."""
        with self._observations.reading() as connection:
            if connection is None:
                return 0
            (number,) = connection.execute("SELECT max(number) FROM reload_request").fetchone()
            return int(number or 0)

    def tell(self, reload: Reload) -> None:
        with self._observations.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO reload VALUES (?, ?, ?, ?, ?, ?)", reload)

    def told(self) -> Sequence[Reload]:
        """The last of each supervisor."""
        with self._observations.reading() as connection:
            if connection is None:
                return ()
            rows = connection.execute(
                "SELECT supervisor, number, state, replaced, workers, problem FROM reload ORDER BY supervisor"
            )
            return tuple(Reload(*row) for row in rows)
