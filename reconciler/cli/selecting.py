"""Which resources a command line means: `providers`, `provider openai`, `provider/openai`, `all`, -n, -A, -l."""

import re
from collections.abc import Callable, Mapping, Sequence

import click

from reconciler.control.manifest.printable import printable
from reconciler.errors import InvalidInput, NotFound
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey, StoredResource
from reconciler.resources.scheme import KINDS, Kind, find_kind
from reconciler.store.reader import Reader

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


def select(
    reader: Reader, words: Sequence[str], *, namespace: str | None, everywhere: bool, selector: str | None
) -> list[StoredResource]:
    """The resources that `words` name, by kind, then name. Raises NotFound for a name that is not there."""
    matches = selector_of(selector)
    space = namespace or DEFAULT_NAMESPACE
    named = _named(words)
    if named:
        if everywhere or selector:
            raise click.UsageError("a name goes with neither -A nor -l: it means one resource")
        with reader.consistent():
            return [_one(reader, kind, name, space) for kind, name in named]
    kinds = kinds_of(words[0])
    with reader.consistent():
        listed = [item for kind in kinds for item in reader.list(kind.name, None if everywhere else space)]
    return [item for item in listed if matches(item.resource.labels)]


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


def _one(reader: Reader, kind: Kind, name: str, namespace: str) -> StoredResource:
    key = ResourceKey(kind.name, namespace, name)
    stored = reader.get(key)
    if stored is None:
        raise NotFound(
            f"{printable(str(key))} does not exist", hint=f"what there is: routerctl get {kind.plural}"
        )
    return stored
