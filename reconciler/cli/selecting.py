"""Which resources a command line means: `providers`, `provider openai`, `provider/openai`, `all`, -n, -A, -l."""

from collections.abc import Callable, Mapping, Sequence

from reconciler.errors import InvalidInput, NotFound
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey, StoredResource
from reconciler.resources.scheme import KINDS, Kind, find_kind
from reconciler.store.reader import Reader

Matches = Callable[[Mapping[str, str]], bool]


def kinds_of(word: str) -> Sequence[Kind]:
    """`all`, or kinds between commas. Raises InvalidInput for a word that is none."""
    if word == "all":
        return tuple(KINDS.values())
    found = []
    for part in word.split(","):
        kind = find_kind(part)
        if kind is None:
            raise InvalidInput(
                f'there is no kind "{part}"',
                hint=f"one of all, {', '.join(kind.plural for kind in KINDS.values())}",
            )
        found.append(kind)
    return found


def select(
    reader: Reader, words: Sequence[str], *, namespace: str | None, everywhere: bool, selector: str | None
) -> list[StoredResource]:
    """The resources that `words` name, by kind, then name. Raises NotFound for a name that is not there."""
    matches = selector_of(selector)
    space = namespace or DEFAULT_NAMESPACE
    if "/" in words[0]:
        return [_one(reader, word.partition("/")[0], word.partition("/")[2], space) for word in words]
    kinds, names = kinds_of(words[0]), words[1:]
    if names:
        if len(kinds) != 1:
            raise InvalidInput("a name goes with one kind", hint="write KIND NAME or KIND/NAME")
        return [_one(reader, kinds[0].name, name, space) for name in names]
    with reader.consistent():
        listed = [item for kind in kinds for item in reader.list(kind.name, None if everywhere else space)]
    return [item for item in listed if matches(item.resource.labels)]


def selector_of(text: str | None) -> Matches:
    """Kubernetes' equality selectors: a=b, a!=b, a (exists), !a, between commas."""
    terms = [_term(part.strip()) for part in text.split(",")] if text else []
    return lambda labels: all(term(labels) for term in terms)


def _term(text: str) -> Matches:
    if "!=" in text:
        name, value = text.split("!=", 1)
        return lambda labels: labels.get(name.strip()) != value.strip()
    if "=" in text:
        name, value = text.replace("==", "=", 1).split("=", 1)
        return lambda labels: labels.get(name.strip()) == value.strip()
    if text.startswith("!"):
        return lambda labels: text[1:].strip() not in labels
    if not text:
        raise InvalidInput("the label selector can't be read", hint="for example: -l team=search,tier!=test")
    return lambda labels: text in labels


def _one(reader: Reader, kind_word: str, name: str, namespace: str) -> StoredResource:
    kind = kinds_of(kind_word)[0]
    key = ResourceKey(kind.name, namespace, name)
    stored = reader.get(key)
    if stored is None:
        raise NotFound(f"{key} does not exist", hint=f"what there is: routerctl get {kind.plural}")
    return stored
