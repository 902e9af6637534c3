"""Which resources a command line means: `providers`, `provider openai`, `provider/openai`, `all`, -n, -A, -l."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import click

from reconciler.api.records import Records
from reconciler.control.manifest.printable import printable
from reconciler.errors import InvalidInput, NotFound
from reconciler.resources.kinds import KINDS, Kind, find_kind
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey, StoredResource

_TERM = re.compile(
    r"\s*(?:(?P<absent>!)\s*(?P<gone>[\w./-]+)|(?P<name>[\w./-]+)\s*(?:(?P<operator>==?|!=)\s*(?P<value>[\w.-]*))?)\s*",
    re.ASCII,
)
Matches = Callable[[Mapping[str, str]], bool]


def _named(words: Sequence[str]) -> list[tuple[Kind, str]]:
    """The resources that are meant by name: KIND/NAME each, or one KIND and its NAMEs; none for kinds alone."""
    if any("/" in word for word in words):
        pairs = [word.partition("/") for word in words]
        if not all(slash and name for _, slash, name in pairs):
            raise click.UsageError("write KIND/NAME for each, or KIND NAME...")
        return [(_one_kind(word), name) for word, _, name in pairs]
    return [(_one_kind(words[0]), name) for name in words[1:]]


def keys_of(words: Sequence[str], namespace: str | None) -> list[ResourceKey]:
    """The resources that are meant by name, and nothing else: KIND/NAME each, or one KIND and its NAMEs."""
    named = _named(words)
    if not named:
        raise click.UsageError("write KIND/NAME for each, or KIND NAME...")
    return [ResourceKey(kind.name, namespace or DEFAULT_NAMESPACE, name) for kind, name in named]


def _one_kind(word: str) -> Kind:
    kinds = kinds_of(word)
    if len(kinds) != 1:
        raise click.UsageError("a name goes with one kind: write KIND NAME or KIND/NAME")
    return kinds[0]


def kinds_of(word: str) -> Sequence[Kind]:
    """`all`, or kinds between commas, each once. Raises InvalidInput for a word that is none."""
    if word == "all":
        return tuple(KINDS.values())
    found: dict[str, Kind] = {}
    for part in word.split(","):
        kind = find_kind(part)
        if kind is None:
            raise InvalidInput(
                f'there is no kind "{printable(part)}"',
                hint=f"one of all, {', '.join(kind.plural for kind in KINDS.values())}",
            )
        found[kind.name] = kind
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Selected:
    """`named`: single resources were asked for, not kinds. What of them is not there is `missing`."""

    found: tuple[StoredResource, ...]
    missing: tuple[ResourceKey, ...] = ()
    named: bool = False

    @property
    def one(self) -> bool:
        """Whether just one resource was asked for, by its name."""
        return self.named and len(self.found) + len(self.missing) == 1

    def require_all(self) -> None:
        """Called when what was found has been shown. Raises NotFound for what was not."""
        if not self.missing:
            return
        first = self.missing[0]
        missing = printable(", ".join(str(key) for key in self.missing))
        where = f" -n {first.namespace}" if first.namespace != DEFAULT_NAMESPACE else ""
        raise NotFound(
            f"{missing} {'does' if len(self.missing) == 1 else 'do'} not exist",
            hint="what there is",
            command=f"get {KINDS[first.kind].plural}{printable(where)}",
        )


def select(
    reader: Records, words: Sequence[str], *, namespace: str | None, everywhere: bool, selector: str | None
) -> Selected:
    """The resources that `words` name, by kind, then name."""
    matches = selector_of(selector)
    space = namespace or DEFAULT_NAMESPACE
    named = _named(words)
    if named:
        if everywhere or selector:
            raise click.UsageError("a name goes with neither -A nor -l: it means one resource")
        keys = [ResourceKey(kind.name, space, name) for kind, name in named]
        with reader.consistent():
            there = {key: reader.get(key) for key in keys}
        found = tuple(stored for stored in there.values() if stored is not None)
        return Selected(found, tuple(key for key, stored in there.items() if stored is None), named=True)
    kinds = kinds_of(words[0])
    with reader.consistent():
        listed = [item for kind in kinds for item in reader.list(kind.name, None if everywhere else space)]
    return Selected(tuple(item for item in listed if matches(item.resource.labels)))


@dataclass(frozen=True, slots=True)
class Which:
    """Which resources of a kind are meant: those with labels, or all; of one namespace, or everywhere."""

    selector: str | None = None
    everything: bool = False
    everywhere: bool = False

    @property
    def said(self) -> bool:
        return self.selector is not None or self.everything or self.everywhere


def select_some(reader: Records, words: Sequence[str], namespace: str | None, which: Which) -> Selected:
    """As select, for what changes resources: all of a kind are meant only where that is said."""
    named = bool(_named(words))
    if which.everything and which.selector:
        raise click.UsageError("give -l or --all, not both")
    if not named and not (which.everything or which.selector):
        raise click.UsageError("name the resources, or say which of the kind: -l LABELS, or --all")
    if named and which.everything:
        raise click.UsageError("a name does not go with --all: it means one resource")
    return select(reader, words, namespace=namespace, everywhere=which.everywhere, selector=which.selector)


def in_scope(
    words: Sequence[str], *, namespace: str | None, everywhere: bool, selector: str | None
) -> Callable[[StoredResource], bool]:
    """Whether a resource is one that `select` finds for the same words, also one that comes later."""
    matches = selector_of(selector)
    space = namespace or DEFAULT_NAMESPACE
    keys = {ResourceKey(kind.name, space, name) for kind, name in _named(words)}
    if keys:
        return lambda stored: stored.key in keys
    kinds = {kind.name for kind in kinds_of(words[0])}
    return lambda stored: (
        stored.key.kind in kinds
        and (everywhere or stored.key.namespace == space)
        and matches(stored.resource.labels)
    )


def selector_of(text: str | None) -> Matches:
    """Kubernetes' equality selectors: a=b, a!=b, a (exists), !a, between commas. Raises click.BadParameter."""
    terms = [_term(part) for part in text.split(",")] if text else []
    return lambda labels: all(term(labels) for term in terms)


def _term(text: str) -> Matches:
    term = _TERM.fullmatch(text)
    if term is None:
        raise click.BadParameter(
            "it can't be read; for example: -l team=search,tier!=test,!old", param_hint="-l"
        )
    name, operator, value = term["name"] or term["gone"], term["operator"], term["value"]
    if term["absent"]:
        return lambda labels: name not in labels
    if operator == "!=":
        return lambda labels: labels.get(name) != value
    if operator:
        return lambda labels: labels.get(name) == value
    return lambda labels: name in labels
