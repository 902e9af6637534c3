from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from fakes.store import commit_all, provider, put

from reconciler.cli.selecting import Which, in_scope, kinds_of, select, select_some, selector_of
from reconciler.errors import InvalidInput, NotFound
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.store.reader import Reader


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    edits = [
        put(provider("a", labels={"team": "x", "tier": "test"})),
        put(provider("b", labels={"team": "y"})),
        put(provider("c", namespace="other")),
        put(Resource(ResourceKey("Model", "default", "a"), {})),
    ]
    commit_all(tmp_path / "r.db", edits)
    with Reader(tmp_path / "r.db") as opened:
        yield opened


def chosen(
    reader: Reader,
    *words: str,
    namespace: str | None = None,
    everywhere: bool = False,
    labels: str | None = None,
) -> list[str]:
    found = select(reader, words, namespace=namespace, everywhere=everywhere, selector=labels)
    found.require_all()
    return [str(stored.key) for stored in found.found]


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (["providers"], ["Provider/a", "Provider/b"]),
        (["provider"], ["Provider/a", "Provider/b"]),
        (["models,providers"], ["Model/a", "Provider/a", "Provider/b"]),
        (["provider,providers"], ["Provider/a", "Provider/b"]),
        (["all"], ["Provider/a", "Provider/b", "Model/a"]),
        (["bindings"], []),
        (["provider", "b"], ["Provider/b"]),
        (["provider", "b", "a"], ["Provider/b", "Provider/a"]),
        (["provider/b", "model/a"], ["Provider/b", "Model/a"]),
    ],
)
def test_what_words_mean(reader: Reader, words: list[str], keys: list[str]) -> None:
    assert chosen(reader, *words) == keys


def test_one_namespace_or_all(reader: Reader) -> None:
    assert chosen(reader, "providers", namespace="other") == ["Provider/other/c"]
    assert chosen(reader, "provider/c", namespace="other") == ["Provider/other/c"]
    assert chosen(reader, "providers", everywhere=True) == ["Provider/a", "Provider/b", "Provider/other/c"]


@pytest.mark.parametrize("words", [["provider", "c"], ["provider/c"], ["provider", "a", "zzz"]])
def test_a_name_that_is_not_there(reader: Reader, words: list[str]) -> None:
    with pytest.raises(NotFound, match=f"Provider/{words[-1].rpartition('/')[2]} does not exist"):
        chosen(reader, *words)


def test_what_is_there_beside_what_is_not(reader: Reader) -> None:
    selected = select(reader, ["provider", "a", "x", "y"], namespace=None, everywhere=False, selector=None)
    assert ([str(stored.key) for stored in selected.found], selected.one) == (["Provider/a"], False)
    with pytest.raises(NotFound) as caught:
        selected.require_all()
    assert str(caught.value) == (
        "Provider/x, Provider/y do not exist\n  what there is: routerctl get providers"
    )
    elsewhere = select(reader, ["provider/a"], namespace="other", everywhere=False, selector=None)
    with pytest.raises(NotFound, match="routerctl get providers -n other"):
        elsewhere.require_all()


@pytest.mark.parametrize("words", [["zzz"], ["zzz", "a"], ["zzz/a"], ["providers,zzz"]])
def test_a_kind_that_there_is_not(reader: Reader, words: list[str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        chosen(reader, *words)
    assert str(caught.value) == (
        'there is no kind "zzz"\n  one of all, secrets, providers, models, bindings, routes, settings, clientkeys'
    )


@pytest.mark.parametrize(
    "words", [["all", "a"], ["all/a"], ["models,providers", "a"], ["provider/"], ["provider/a", "b"]]
)
def test_words_that_do_not_go_together(reader: Reader, words: list[str]) -> None:
    with pytest.raises(click.UsageError):
        chosen(reader, *words)


def test_a_name_means_one_resource(reader: Reader) -> None:
    with pytest.raises(click.UsageError):
        chosen(reader, "provider", "a", everywhere=True)
    with pytest.raises(click.UsageError):
        chosen(reader, "provider/a", labels="team=x")


@pytest.mark.parametrize(
    ("labels", "keys"),
    [
        ("team=x", ["Provider/a"]),
        ("team==x", ["Provider/a"]),
        (" team = x ", ["Provider/a"]),
        ("team!=x", ["Provider/b"]),
        ("team", ["Provider/a", "Provider/b"]),
        ("!tier", ["Provider/b"]),
        ("team,!tier", ["Provider/b"]),
        ("team=", []),
        ("tier=test,team=y", []),
    ],
)
def test_labels(reader: Reader, labels: str, keys: list[str]) -> None:
    assert chosen(reader, "providers", labels=labels) == keys


@pytest.mark.parametrize("labels", ["a=b=c", ",", "a,", "=b", "!", "team in (x", "a b", "!a=b", "a!b"])
def test_labels_that_can_not_be_read(labels: str) -> None:
    with pytest.raises(click.BadParameter):
        selector_of(labels)


def test_no_labels_match_everything() -> None:
    assert selector_of(None)({})
    assert selector_of("")({"a": "b"})


def test_a_word_that_acts_on_the_terminal_is_shown_escaped() -> None:
    with pytest.raises(InvalidInput) as caught:
        kinds_of("\x1b[2J")
    assert str(caught.value.message).isprintable()


@pytest.mark.parametrize(
    ("words", "namespace", "everywhere", "labels"),
    [
        (["providers"], None, False, None),
        (["all"], None, True, None),
        (["all"], "other", False, None),
        (["providers"], None, False, "team=x"),
        (["provider/a", "model/a"], None, False, None),
        (["provider", "c"], "other", False, None),
    ],
)
def test_what_is_in_scope_is_what_is_selected(
    reader: Reader, words: list[str], namespace: str | None, everywhere: bool, labels: str | None
) -> None:
    selected = select(reader, words, namespace=namespace, everywhere=everywhere, selector=labels)
    scope = in_scope(words, namespace=namespace, everywhere=everywhere, selector=labels)
    assert {stored.key for stored in reader.state().values() if scope(stored)} == {
        stored.key for stored in selected.found
    }
    assert selected.found


@pytest.mark.parametrize(
    ("words", "which", "keys"),
    [
        (["provider/a"], Which(), ["Provider/a"]),
        (["providers"], Which("team=x"), ["Provider/a"]),
        (["providers"], Which(everything=True), ["Provider/a", "Provider/b"]),
    ],
)
def test_what_is_changed_is_said(reader: Reader, words: list[str], which: Which, keys: list[str]) -> None:
    assert [str(stored.key) for stored in select_some(reader, words, None, which).found] == keys
    assert len(select_some(reader, ["providers"], None, Which(everything=True, everywhere=True)).found) > 2


@pytest.mark.parametrize(
    ("words", "which", "message"),
    [
        (["providers"], Which(), "-l LABELS, or --all"),
        (["providers"], Which(everywhere=True), "-l LABELS, or --all"),
        (["providers"], Which("a", everything=True), "not both"),
        (["provider/a"], Which(everything=True), "it means one resource"),
        (["provider/a"], Which("a"), "it means one resource"),
    ],
)
def test_all_of_a_kind_only_where_that_is_said(
    reader: Reader, words: list[str], which: Which, message: str
) -> None:
    with pytest.raises(click.UsageError, match=message):
        select_some(reader, words, None, which)
