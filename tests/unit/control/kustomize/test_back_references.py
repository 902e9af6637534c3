from reconciler.control.kustomize.back_references import mend_references
from reconciler.control.kustomize.configuration import Kinds, NameReference
from reconciler.control.kustomize.piece import Piece
from reconciler.control.manifest.document import Document
from reconciler.json_types import JsonObject, JsonValue

REFERENCE = NameReference(Kinds("g", "", "Model"), Kinds("g", "", "Binding"), ("spec", "model"))
DEEP = NameReference(Kinds("", "", ""), Kinds("", "", "Binding"), ("spec", "all", "name"))


def piece(kind: str, name: str, spec: JsonValue = None, namespace: str | None = None) -> Piece:
    data: JsonObject = {"apiVersion": "g/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}
    found = Piece(data, Document(data, "f", "spec: {model: x}", 1))
    return found.with_metadata("namespace", namespace) if namespace else found


def prefixed(found: Piece, prefix: str) -> Piece:
    named = found.remembering().with_metadata("name", f"{prefix}{found.identity.name}")
    return Piece(
        named.data, named.base, named.origins, named.earlier, (*found.prefixes, prefix), found.suffixes
    )


def specs(*pieces: Piece, reference: NameReference = REFERENCE) -> list[JsonValue]:
    mended, problems = mend_references(pieces, [reference, reference])
    assert problems == []
    return [found.data["spec"] for found in mended if found.data["kind"] == "Binding"]


def test_a_reference_follows_a_name() -> None:
    binding, model = piece("Binding", "b", {"model": "m"}), prefixed(piece("Model", "m"), "p-")
    assert specs(binding, model) == [{"model": "p-m"}]


def test_what_refers_to_nothing_that_changed_stays_the_same() -> None:
    binding = piece("Binding", "b", {"model": "other"})
    mended, _ = mend_references([binding, piece("Model", "m")], [REFERENCE])
    assert mended[0] is binding


def test_another_kind_or_namespace_is_not_meant() -> None:
    binding = piece("Binding", "b", {"model": "m"})
    assert specs(binding, prefixed(piece("Provider", "m"), "p-")) == [{"model": "m"}]
    assert specs(binding, prefixed(piece("Model", "m", namespace="n"), "p-")) == [{"model": "m"}]


def test_lists_and_what_is_no_name() -> None:
    model = prefixed(piece("Model", "m"), "p-")
    spec: JsonObject = {"all": [{"name": ["m", "x", 3]}, {"other": "m"}, "m"]}
    assert specs(piece("Binding", "b", spec), model, reference=DEEP) == [
        {"all": [{"name": ["p-m", "x", 3]}, {"other": "m"}, "m"]}
    ]


def test_of_two_the_one_that_came_the_same_way_is_meant() -> None:
    pairs = [
        prefixed(piece(kind, name, {"model": "m"}), way)
        for way in ("east-", "west-")
        for kind, name in (("Binding", "b"), ("Model", "m"))
    ]
    assert specs(*pairs) == [{"model": "east-m"}, {"model": "west-m"}]


def test_who_came_no_way_may_mean_either() -> None:
    both = [prefixed(piece("Model", "m"), way) for way in ("east-", "west-")]
    mended, problems = mend_references([piece("Binding", "b", {"model": "m"}), *both], [REFERENCE])
    assert mended[0].data["spec"] == {"model": "m"}
    # strictly, nothing came the same way: as kustomize, the name stays
    assert problems == []


def test_where_several_came_the_same_way_it_is_an_error() -> None:
    one = prefixed(piece("Model", "m"), "p-")
    other = prefixed(piece("Model", "m").remembering().with_metadata("name", "n"), "p-")
    binding = prefixed(piece("Binding", "b", {"model": "m"}), "p-")
    _, problems = mend_references([binding, one, other], [REFERENCE])
    assert [str(problem) for problem in problems] == [
        'f:1:8: error: spec.model: Binding/p-b: "m" may mean p-m or p-n; write which one is meant'
    ]
