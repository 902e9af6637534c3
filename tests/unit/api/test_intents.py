from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.command import manifest
from fakes.workshop import Workshop, model, simulator

from reconciler.api.forms import from_json, to_json
from reconciler.api.intents import Elsewhere, Intention, SourceTold, Text, intention_of, wanted_of_intention
from reconciler.control.intake import source_of, take_in, wanted
from reconciler.control.kustomize.entrance import Overlay
from reconciler.control.manifest.document import InvalidManifests
from reconciler.control.proposal import Wanted
from reconciler.control.working_tree import Checkout
from reconciler.errors import InvalidInput


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path)
    yield made
    made.close()


def sent(want: Wanted, namespace: str | None = None) -> Wanted:
    """What a server makes of it, over the wire."""
    told = intention_of(want, None, namespace, Checkout(missing=frozenset({"b.yaml"})))
    arrived: Intention = from_json(to_json(told, Intention), Intention)
    assert arrived == told
    return wanted_of_intention(arrived)


def test_a_server_wants_the_same(shop: Workshop) -> None:
    shop.write("a.yaml", simulator("one"), model("m"))
    shop.write("deep/b.yaml", model("n"))
    want = shop.wanted(prune=True, force=True)
    found = sent(want)
    assert list(found.declared) == list(want.declared)
    assert [each.resource for each in found.declared.values()] == [
        each.resource for each in want.declared.values()
    ]
    assert (found.manager, found.scopes, found.prune, found.force) == (
        want.manager,
        want.scopes,
        True,
        True,
    )
    source, theirs = want.source, found.source
    assert source is not None
    assert theirs is not None
    assert theirs.name == source.name
    for declared in want.declared.values():
        there = found.declared[declared.key].document
        assert (there.file, there.line, there.text) == (
            declared.document.file,
            declared.document.line,
            declared.document.text,
        )
        assert theirs.relative(there.file) == source.relative(there.file)
        assert there.locate(("spec",)) == declared.document.locate(("spec",))
    assert theirs.checkout() == Checkout(missing=frozenset({"b.yaml"}))


def test_an_overlay_keeps_its_places(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "m.yaml").write_text(
        manifest("Model", "m", {"contextWindow": 1}) + manifest("Model", "n")
    )
    (tmp_path / "base" / "kustomization.yaml").write_text("resources: [m.yaml]\n")
    (tmp_path / "prod").mkdir()
    (tmp_path / "prod" / "kustomization.yaml").write_text("resources: [../base]\npatches:\n- path: p.yaml\n")
    (tmp_path / "prod" / "p.yaml").write_text(manifest("Model", "m", {"contextWindow": 2}))
    paths = [Overlay(str(tmp_path / "prod"))]
    want = wanted(take_in(paths), paths, source_of(paths, explicit="here", known=[]))
    found = sent(want)
    for key, declared in want.declared.items():
        there = found.declared[key].document
        assert (there.overlay, there.data) == (declared.document.overlay, declared.document.data)
        for path in (("spec", "contextWindow"), ("metadata", "name")):
            assert there.locate(path) == declared.document.locate(path)
        assert found.source is not None
        assert want.source is not None
        assert found.source.overlay(there.overlay or "") == want.source.overlay(there.overlay or "")


def test_stdin_has_no_source_and_may_have_a_namespace() -> None:
    told = Intention((Text("-", 3, manifest("Model", "m")),), namespace="team")
    (key,) = wanted_of_intention(told).declared
    assert key.namespace == "team"
    with pytest.raises(InvalidInput, match="--prune needs"):
        wanted_of_intention(replace(told, prune=True))


def test_every_problem_is_told_with_its_place() -> None:
    texts = (Text("a.yaml", 3, "kind: [\n"), Text("b.yaml", 7, manifest("Model", "m", {"zzz": 1})))
    with pytest.raises(InvalidManifests) as error:
        wanted_of_intention(Intention(texts))
    assert [str(problem.location) for problem in error.value.problems] == ["a.yaml:4:1", "b.yaml:8:89"]


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 2000])
def test_a_source_has_a_name(name: str) -> None:
    with pytest.raises(InvalidInput, match="printable"):
        wanted_of_intention(Intention(source=SourceTold(name, {})))


def test_what_was_not_told_is_not_made_up() -> None:
    source = Elsewhere("x", Path("/"), paths={"a": "b"})
    assert source.relative("a") == "b"
    with pytest.raises(InvalidInput, match="was not told"):
        source.relative("zzz")


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"overlaid": [{"text": 3, "folder": "x", "value": {}}], "documents": 0}, "not there"),
        (
            {
                "texts": [{"file": "a", "line": 1, "text": ""}],
                "overlaid": [
                    {
                        "text": 0,
                        "folder": "x",
                        "value": {},
                        "places": [{"path": [True], "text": 0, "written": []}],
                    }
                ],
                "documents": 0,
            },
            "names and numbers",
        ),
    ],
)
def test_a_made_up_overlay_is_refused(document: object, message: str) -> None:
    told: Intention = from_json(document, Intention)  # type: ignore[arg-type]  # JSON
    with pytest.raises(InvalidInput, match=message):
        wanted_of_intention(told)
