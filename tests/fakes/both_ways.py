"""The same command lines on two stores that began alike: one with `--db`, one behind `--server`. What they say and leave must agree.

def test_x(both: BothWays) -> None:
    both.write("a.yaml", manifest("Model", "m"))
    assert both("apply", "-f", both.manifests).code == 0      # compares stdout, stderr and exit code
                                                              # the stores are compared when the test ends
"""

import getpass
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fakes.command import Done, Routerctl
from fakes.listening import Listener, make_store, make_token

from reconciler.control.source import identify
from reconciler.resources.resource import StoredResource
from reconciler.store.reader import Reader
from reconciler.store.url import StoreLocation, parse

NAME = "both"
_TEXTS: Sequence[tuple[str, str]] = (
    (r"sha256:[0-9a-f]{64}", "DIGEST"),
    (r"\br([kt])-[0-9A-Za-z]{12}-[0-9A-Za-z]{43}", r"r\1-KEY"),
    (r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)", "TIME"),
    (r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UID"),
    (r"v-[0-9a-f]{24}", "SEALED"),
    (r"routerctl-edit-\w+\.yaml", "DRAFT"),
    (r"-before-import-\d{8}-\d{6}", "-before-import-TIME"),
    (r"(?m)\b\d+s$", "AGE"),
    (r"\b\d+ ([KM])iB\b", r"N \1iB"),
    (r" N KiB were given back\.", ""),
    (r'"(bytes|freedBytes)": (?:\d+|null)', r'"\1": N'),
    (r"\b[0-9a-f]{16}\b", "KEY"),
)
_GIVEN = re.compile(r"\br[kt]-([0-9A-Za-z]{12})-")


@dataclass
class BothWays:
    routerctl: Routerctl
    server: Listener
    token: Path
    here: StoreLocation
    there: StoreLocation
    ids: set[str] = field(default_factory=set)

    @property
    def manifests(self) -> Path:
        return self.routerctl.manifests

    def write(self, name: str, *texts: str) -> Path:
        return self.routerctl.write(name, *texts)

    def __call__(self, *arguments: str | Path, stdin: str = "") -> Done:
        """What both said, once it is the same."""
        here = self.locally(*arguments, stdin=stdin)
        there = self.remotely(*arguments, stdin=stdin)
        assert there == here, f"{' '.join(map(str, arguments))}\n--db: {here}\n--server: {there}"
        return here

    def ok(self, *arguments: str | Path, stdin: str = "") -> str:
        done = self(*arguments, stdin=stdin)
        assert done.code == 0, done.err
        return done.out

    def locally(self, *arguments: str | Path, stdin: str = "") -> Done:
        return self._told(self.routerctl.plain("--db", self.here.config_path, *arguments, stdin=stdin))

    def remotely(self, *arguments: str | Path, token: Path | None = None, stdin: str = "") -> Done:
        asked = ("--server", self.server.url, "--token-file", token or self.token)
        return self._told(self.routerctl.plain(*asked, *arguments, stdin=stdin))

    def granted(self, role: str, *managers: str, namespaces: tuple[str, ...] | None = None) -> Path:
        """The file of another token of the server."""
        name = f"{role}-{len(managers)}-{'-'.join(namespaces or ())}"
        return _token_file(
            self.routerctl.folder, make_token(self.there, name, role, namespaces, managers), name
        )

    def check_states(self) -> None:
        with Reader(self.here.config_path) as here, Reader(self.there.config_path) as there:
            left, expected = self._state(there), self._state(here)
        for what, found in left.items():
            assert found == expected[what], f"{what}\n--db: {expected[what]}\n--server: {found}"

    def _state(self, reader: Reader) -> Mapping[str, object]:
        revisions = [reader.revision(number) for number in range(1, reader.head() + 1)]
        return {
            "resources": [
                self._resource(stored)
                for stored in sorted(reader.state().values(), key=lambda each: each.key)
            ],
            "holds": [(hold.key, hold.source, hold.revision) for hold in reader.holds()],
            "revisions": [(each.operation, each.source, each.message, each.commit) for each in revisions],
            "audit": [
                (operation, self._text(target))
                for operation, target in reader.select("SELECT operation, target FROM audit")
            ],
        }

    def _resource(self, stored: StoredResource) -> object:
        resource = stored.resource
        content = repr((resource.spec, sorted(resource.labels.items()), sorted(resource.annotations.items())))
        managers = [
            (self._text(each.manager), each.operation, _letters(self._text(repr(each.fields))))
            for each in stored.managed_fields
        ]
        return stored.key, self._text(content), resource.finalizers, stored.source, stored.path, managers

    def _told(self, done: Done) -> Done:
        self.ids |= set(_GIVEN.findall(done.out))
        return Done(done.code, self._text(done.out), self._text(done.err))

    def _text(self, text: str) -> str:
        asked = f"--server {self.server.url}"
        stores = [f"--db {each.config_path}" for each in (self.here, self.there)]
        for where in (*stores, f"{asked} --token-file {self.token}", asked):
            text = text.replace(where, "WHERE")
        text = text.replace("routerctl up, where the store is", "routerctl WHERE up")
        for folder in (self.here, self.there):
            text = text.replace(str(folder.config_path.parent), "STORE")
        for pattern, word in _TEXTS:
            text = re.sub(pattern, word, text)
        for known in self.ids:
            text = text.replace(known, "ID")
        user = getpass.getuser()
        text = re.sub(rf"\b(?:cli:{user}|api:token:{NAME})\b", "MANAGER", text)
        text = re.sub(rf"(?<![\w/])(?:{user}|token:{NAME})(?![\w/])", "ACTOR", text)
        return re.sub(r"  +", "  ", text)  # columns are as wide as what stands in them


def _letters(text: str) -> str:
    """Keys of lists stand in the order of their ids, which are made up."""
    return "".join(sorted(text))


def _ids(location: StoreLocation) -> Sequence[Sequence[str]]:
    with Reader(location.config_path) as reader:
        return reader.select("SELECT id FROM token")


def _token_file(folder: Path, text: str, name: str) -> Path:
    file = folder / f"{name}.token"
    file.touch(mode=0o600)
    file.write_text(text)
    return file


@pytest.fixture
def both(routerctl: Routerctl) -> Iterator[BothWays]:
    for name in ("SERVER", "TOKEN", "TOKEN_FILE"):
        routerctl.monkeypatch.delenv(f"ROUTERCTL_{name}", raising=False)
    routerctl.manifests.mkdir()
    source = identify([str(routerctl.manifests)])
    assert source is not None
    here, there = (parse(str(routerctl.folder / name / "routerctl.db")) for name in ("here", "there"))
    for location in (here, there):
        make_store(location)
    make_token(here, NAME, "admin", None, (source.manager, "git:shared", "git:nobody", "ci"))
    text = make_token(there, NAME, "admin", None, (source.manager, "git:shared", "git:nobody", "ci"))
    with ExitStack() as stack:
        server = stack.enter_context(closing(Listener(there)))
        made = BothWays(routerctl, server, _token_file(routerctl.folder, text, NAME), here, there)
        made.ids |= {row[0] for each in (here, there) for row in _ids(each)}
        yield made
        made.check_states()
