"""What a source wants, on its way to a server: its documents as they are written, and what is known of them where they lie.

The server reads and checks the documents again, so that its errors name file, line and column. What only the other end can know
travels beside them: the paths in the source, and what git says of the checkout.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.control.kustomize.piece import Composed, Origin
from reconciler.control.manifest.decode import Declared, decode
from reconciler.control.manifest.document import Document, InvalidManifests, Problem
from reconciler.control.manifest.reader import read_text
from reconciler.control.proposal import DEFAULT, Guards, Wanted
from reconciler.control.source import Source
from reconciler.control.working_tree import Checkout
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue

_LONGEST_NAME = 1024


@dataclass(frozen=True, slots=True)
class Text:
    """A document of a file. `line` is where it begins there, 1-based."""

    file: str
    line: int
    text: str = field(repr=False)  # may hold a secret


@dataclass(frozen=True, slots=True)
class Place:
    """What stands at or below `path` of a document that an overlay made was written at `written` of another text."""

    path: tuple[JsonValue, ...]
    text: int
    written: tuple[JsonValue, ...]


@dataclass(frozen=True, slots=True)
class Overlaid:
    """A document that an overlay made: of the text at `text`, by the overlay in `folder`."""

    text: int
    folder: str
    value: JsonObject = field(repr=False)
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceTold:
    """A Source, as it is known where its files lie. `paths`: of each file and folder that is named, its path in the source."""

    name: str
    paths: Mapping[str, str]
    commit: str | None = None
    dirty: bool = False
    path_name: str | None = None
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Intention:
    """What a source wants of the store. Each text is a document, but those that only `overlaid` refer to.

    manager: in whose name; None: the source's, else who asks. `empty` are paths given, below which nothing was read.
    """

    texts: tuple[Text, ...] = ()
    overlaid: tuple[Overlaid, ...] = ()
    documents: int | None = None
    """How many of the texts are documents by themselves; None: all. The others only overlays refer to."""
    namespace: str | None = None
    manager: str | None = None
    source: SourceTold | None = None
    scopes: tuple[str, ...] = ("",)
    prune: bool = False
    force: bool = False
    empty: tuple[str, ...] = ()
    guards: Guards = DEFAULT
    files: tuple[str, ...] = ()
    checkout: Checkout | None = None


@dataclass(frozen=True, slots=True)
class Elsewhere(Source):
    """A source whose files are not on this machine: its paths are those that it was told with."""

    paths: Mapping[str, str] = field(default_factory=dict)
    git: Checkout = field(default_factory=Checkout)

    def checkout(self) -> Checkout:
        """As it was told."""
        return self.git

    def relative(self, file: str) -> str:
        """Raises InvalidInput for a path that was not told."""
        try:
            return self.paths[file]
        except KeyError:
            raise InvalidInput(f"the path of {file} in its source was not told") from None


# -- where the files are -----------------------------------------------------------------------------------------------


def intention_of(
    wanted: Wanted, manager: str | None, namespace: str | None, checkout: Checkout | None
) -> Intention:
    """`namespace` is what -n said. `checkout` is told where the source prunes."""
    plain = [each.document for each in wanted.declared.values() if each.document.overlay is None]
    texts = _Texts(plain)
    documents = len(texts.known)
    overlaid = tuple(
        _overlaid(each.document, texts)
        for each in wanted.declared.values()
        if isinstance(each.document, Composed)
    )
    return Intention(
        tuple(Text(each.file, each.line, each.text) for each in texts.documents),
        overlaid,
        documents if overlaid else None,
        namespace,
        manager,
        _told(wanted),
        wanted.scopes,
        wanted.prune,
        wanted.force,
        wanted.empty,
        wanted.guards,
        wanted.files,
        checkout,
    )


class _Texts:
    """Each text once, by its place."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.documents: list[Document] = []
        self.known: dict[tuple[str, int], int] = {}
        for document in documents:
            self.at(document)

    def at(self, document: Document) -> int:
        place = (document.file, document.line)
        if place not in self.known:
            self.known[place] = len(self.documents)
            self.documents.append(document)
        return self.known[place]


def _overlaid(document: Composed, texts: _Texts) -> Overlaid:
    places = tuple(
        Place(origin.path, texts.at(origin.document), origin.written) for origin in document.origins
    )
    return Overlaid(texts.at(document), document.folder, document.data, places)


def _told(wanted: Wanted) -> SourceTold | None:
    source = wanted.source
    if source is None:
        return None
    documents = [each.document for each in wanted.declared.values()]
    named = dict.fromkeys([*(each.overlay or each.file for each in documents), *wanted.empty])
    paths = {name: source.relative(name) for name in named}
    return SourceTold(source.name, paths, source.commit, source.dirty, source.path_name, source.prefix)


# -- where the store is ------------------------------------------------------------------------------------------------


def wanted_of_intention(told: Intention) -> Wanted:
    """Raises InvalidManifests with every problem, by its place, and InvalidInput for what no command would send."""
    source = _source(told.source, told.checkout or Checkout())
    if told.prune and source is None:
        raise InvalidInput(
            "--prune needs to know whose resources are meant",
            hint="give --source NAME with manifests from stdin",
        )
    return Wanted(
        {each.key: each for each in _declared(told)},
        source.manager if source is not None else "",
        source,
        told.scopes,
        told.prune,
        told.force,
        None,
        told.empty,
        told.guards,
        told.files,
    )


def _declared(told: Intention) -> Sequence[Declared]:
    count = len(told.texts) if told.documents is None else told.documents
    problems: list[Problem] = []
    documents: list[Document] = []
    for text in told.texts[:count]:
        reading = read_text(text.text, text.file, line=text.line)
        documents += reading.documents
        problems += reading.problems
    documents += (_composed(each, told.texts) for each in told.overlaid)
    decoding = decode(documents, namespace=told.namespace)
    problems += decoding.problems
    if problems:
        raise InvalidManifests(problems)
    return decoding.declared


def _composed(told: Overlaid, texts: Sequence[Text]) -> Composed:
    base = _text(told.text, texts)
    origins = tuple(
        Origin(
            tuple(_steps(place.path)), _as_document(_text(place.text, texts)), tuple(_steps(place.written))
        )
        for place in told.places
    )
    return Composed(told.value, base.file, base.text, base.line, origins=origins, folder=told.folder)


def _as_document(text: Text) -> Document:
    return Document({}, text.file, text.text, text.line)


def _text(at: int, texts: Sequence[Text]) -> Text:
    if not 0 <= at < len(texts):
        raise InvalidInput("an overlay refers to a text that is not there")
    return texts[at]


def _steps(path: Iterable[JsonValue]) -> Iterator[str | int]:
    for step in path:
        if isinstance(step, bool) or not isinstance(step, str | int):
            raise InvalidInput("the path of a field is made of names and numbers")
        yield step


def _source(told: SourceTold | None, git: Checkout) -> Elsewhere | None:
    if told is None:
        return None
    for name in (told.name, told.path_name):
        if name is not None and not (0 < len(name) <= _LONGEST_NAME and name.isprintable()):
            raise InvalidInput(f"a source is called by 1 to {_LONGEST_NAME} printable characters")
    return Elsewhere(
        told.name, Path("/"), told.commit, told.dirty, told.path_name, told.prefix, dict(told.paths), git
    )
