"""A store behind its management listener, in a thread of this process: what `--server` is asked of.

def test_x(managed: Managed) -> None:
    managed.here("apply", "-f", ...)                 # routerctl --db, as whoever works on the file
    managed.there("get", "providers")                # routerctl --server, with the token of an admin
    managed.there("get", "providers", token=managed.token("viewer"))
    here, there = managed.both("history")            # the same command, both ways

The listener is the real one: guard, door, app, uvicorn on a loopback port of its own. `managed.url` is its address. It
begins with the first command that is asked `there`, and ends with the test; `stop()` ends it before.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes.command import Done, Routerctl

from reconciler.late import late
from reconciler.store.url import StoreLocation, parse

if TYPE_CHECKING:
    from fakes import listening
else:
    listening = late("fakes.listening")  # every test loads this file, and few need a listener


@dataclass
class Managed:
    routerctl: Routerctl
    listener: "listening.Listener | None" = None
    _tokens: dict[tuple[str, tuple[str, ...] | None, tuple[str, ...]], Path] = field(default_factory=dict)

    @property
    def location(self) -> StoreLocation:
        return parse(str(self.routerctl.db))

    @property
    def url(self) -> str:
        if self.listener is None:
            if not self.routerctl.db.exists():
                listening.make_store(self.location)
            self.listener = listening.Listener(self.location)
        return self.listener.url

    def token(
        self,
        role: str = "admin",
        *,
        namespaces: tuple[str, ...] | None = None,
        managers: tuple[str, ...] = (),
    ) -> Path:
        """The file of a token, made once."""
        asked = (role, namespaces, managers)
        if asked not in self._tokens:
            name = f"{role}-{len(self._tokens)}"
            text = listening.make_token(self.location, name, role, namespaces, managers)
            file = self.routerctl.folder / f"{name}.token"
            file.touch(mode=0o600)
            file.write_text(text)
            self._tokens[asked] = file
        return self._tokens[asked]

    def here(self, *arguments: str | Path, stdin: str = "") -> Done:
        return self.routerctl(*arguments, stdin=stdin)

    def there(self, *arguments: str | Path, token: Path | None = None, stdin: str = "") -> Done:
        url = self.url
        file = self.token() if token is None else token
        return self.routerctl.plain("--server", url, "--token-file", file, *arguments, stdin=stdin)

    def both(self, *arguments: str | Path) -> tuple[Done, Done]:
        """What is suggested names the store or the server: told alike, so that the two can be compared."""
        server = f"--server {self.url} --token-file {self.token()}"
        here, there = self.here(*arguments), self.there(*arguments)
        store = f"--db {self.routerctl.db}"
        told = [
            Done(
                done.code,
                *(_without(text, store, server) for text in (done.out, done.err)),
            )
            for done in (here, there)
        ]
        return told[0], told[1]

    def stop(self) -> None:
        if self.listener is not None:
            self.listener.close()
            self.listener = None


@pytest.fixture
def managed(routerctl: Routerctl) -> Iterator[Managed]:
    for name in ("SERVER", "TOKEN", "TOKEN_FILE"):
        routerctl.monkeypatch.delenv(f"ROUTERCTL_{name}", raising=False)
    made = Managed(routerctl)
    yield made
    made.stop()


def _without(text: str, *places: str) -> str:
    """What names the store or the server, and who of them can begin to serve, is told alike."""
    for place in places:
        text = text.replace(place, "WHERE")
    return text.replace("routerctl up, where the store is", "routerctl WHERE up")
