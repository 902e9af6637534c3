from pathlib import Path, PurePosixPath

import click
import pytest

from reconciler.cli.exporting import made_by_overlays, manifests_in, recorded, require_named, selection
from reconciler.cli.session import Session
from reconciler.control.manifest.document import InvalidManifests
from reconciler.control.source import Source
from reconciler.errors import InvalidInput, NotFound
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource
from reconciler.store.engine import open_engine
from reconciler.store.reader import Reader


def key(name: str, namespace: str = "default", kind: str = "Model") -> ResourceKey:
    return ResourceKey(kind, namespace, name)


def stored(
    of: ResourceKey, source: str | None = "here", path: str | None = "a.yaml", *more: str
) -> StoredResource:
    managers = tuple(FieldManager(f"git:{name}", "Apply", {}, "2026-01-01T00:00:00Z") for name in more)
    return StoredResource(Resource(of, {}), "u", 1, 1, "2026-01-01T00:00:00Z", 1, managers, source, path)


STATE = {
    item.key: item
    for item in (
        stored(key("a")),
        stored(key("b", "team"), "there", "a.yaml", "here"),
        stored(key("p", kind="Provider"), "there"),
    )
}
EVERY = [*STATE, key("gone"), key("gone", "team")]


def chosen(*words: str, namespace: str | None = None, source: str | None = None) -> list[ResourceKey]:
    selects = selection(words, STATE, namespace=namespace, source=source)
    return [each for each in EVERY if selects(each)]


def test_everything_or_what_is_named() -> None:
    assert chosen() == EVERY
    assert chosen("providers") == [key("p", kind="Provider")]
    assert chosen("model/a", "provider/p") == [key("a"), key("p", kind="Provider")]
    assert chosen("model", "a", "gone") == [key("a"), key("gone")]
    assert chosen("model/b", namespace="team") == [key("b", "team")]
    assert chosen("all", namespace="team") == [key("b", "team"), key("gone", "team")]


def test_a_source_means_what_it_declares_and_what_is_gone() -> None:
    assert chosen(source="here") == [key("a"), key("b", "team"), key("gone"), key("gone", "team")]
    assert chosen("model", source="there") == [key("b", "team"), key("gone"), key("gone", "team")]


def test_what_is_named_must_be_somewhere() -> None:
    require_named(("model/a", "model/gone"), None, [STATE, frozenset({key("gone")})])
    require_named((), None, [STATE])
    require_named(("secrets",), None, [STATE])
    with pytest.raises(NotFound, match="Model/x does not exist"):
        require_named(("model", "x"), None, [STATE])
    with pytest.raises(click.UsageError):
        require_named(("model/",), None, [STATE])


def test_what_an_overlay_made_is_known_by_its_path() -> None:
    items = [
        stored(key("a"), "here", "o/prod/"),
        stored(key("b"), "there", "o/prod/"),
        stored(key("c")),
        stored(key("d"), None, None),
    ]
    state = {item.key: item for item in items}
    assert made_by_overlays(state, lambda _: True, "here") == {key("a"): "o/prod/"}
    assert made_by_overlays(state, lambda _: False, "here") == {}


SOURCE = Source("github.com/a/b", Path("/repo"))


@pytest.mark.parametrize(
    ("source", "path", "of", "found"),
    [
        ("github.com/a/b", "manifests/x/a.yaml", SOURCE, "x/a.yaml"),
        ("github.com/a/b", "elsewhere/a.yaml", SOURCE, None),
        ("github.com/a/b", "manifests/../../a.yaml", SOURCE, None),
        ("github.com/a/b", "manifests", SOURCE, None),
        ("github.com/a/b", "/repo/manifests/a.yaml", SOURCE, None),
        ("other", "manifests/a.yaml", SOURCE, None),
        (None, "manifests/a.yaml", SOURCE, None),
        ("github.com/a/b", None, SOURCE, None),
        ("/repo/manifests", "a.yaml", None, "a.yaml"),
        ("/repo", "manifests/a.yaml", SOURCE, "a.yaml"),
        ("name", "/repo/manifests/a.yaml", Source("name", Path("/"), prefix="/"), "a.yaml"),
    ],
)
def test_a_recorded_path_counts_where_it_leads_into_the_folder(
    source: str | None, path: str | None, of: Source | None, found: str | None
) -> None:
    place = recorded(stored(key("a"), source, path), of, Path("/repo/manifests"))
    assert place == (PurePosixPath(found) if found is not None else None)


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    open_engine(tmp_path / "store.db").dispose()
    return Reader(tmp_path / "store.db")


HEAD = "apiVersion: routerctl.dev/v1\nkind: Model\n"


def test_a_folder_is_read_with_its_source(tmp_path: Path, reader: Reader) -> None:
    folder = tmp_path / "manifests"
    folder.mkdir()
    (folder / "a.yaml").write_text(
        f"{HEAD}metadata: {{name: a}}\n---\n{HEAD}metadata: {{name: b, namespace: team}}\n"
    )
    with reader:
        found = manifests_in(Session({}), str(folder), reader, {}, None)
        assert [item.key for item in found.declared] == [key("a"), key("b", "team")]
        assert found.source == str(folder.resolve())
        assert found.files == (str(folder / "a.yaml"),)
        named = manifests_in(Session({}), str(folder), reader, {}, "mine")
        assert named.source == "mine"
        missing = manifests_in(Session({}), str(folder / "not" / "yet"), reader, {}, None)
        assert (missing.declared, missing.files) == ((), ())


@pytest.mark.parametrize(
    ("namespace", "live", "found"),
    [
        ("team", [], ["b"]),
        ("team", [stored(key("a", "team"))], ["a", "b"]),
        ("team", [stored(key("a", "team")), stored(key("a"))], ["a", "b"]),
        ("team", [stored(key("a", "team")), stored(key("a"), "mine")], ["b"]),
        ("default", [], ["a"]),
        ("other", [], []),
    ],
)
def test_a_document_without_a_namespace_is_where_apply_put_it(
    tmp_path: Path, reader: Reader, namespace: str, live: list[StoredResource], found: list[str]
) -> None:
    text = f"{HEAD}metadata: {{name: a}}\n---\n{HEAD}metadata: {{name: b, namespace: team}}\n"
    (tmp_path / "a.yaml").write_text(text)
    state = {item.key: item for item in live}
    with reader:
        read = manifests_in(Session({}, namespace=namespace), str(tmp_path), reader, state, "mine")
    assert [item.key for item in read.declared] == [key(name, namespace) for name in found]


def test_what_can_not_be_read_is_told(tmp_path: Path, reader: Reader) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: [\n")
    with reader:
        with pytest.raises(InvalidInput, match="is not a folder"):
            manifests_in(Session({}), str(file), reader, {}, None)
        with pytest.raises(InvalidManifests, match=r"a\.yaml:2:1"):
            manifests_in(Session({}), str(tmp_path), reader, {}, None)
