from pathlib import Path

import pytest

from reconciler.control.kustomize import build as module
from reconciler.control.kustomize.overlay import Overlay
from reconciler.control.manifest.document import Reading


def model(name: str, rest: str = "") -> str:
    return f"---\napiVersion: routerctl.dev/v1\nkind: Model\nmetadata: {{name: {name}{rest}}}\nspec: {{}}\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def build(folder: str) -> Reading:
    return module.build(Overlay(folder))


def write(files: dict[str, str]) -> None:
    for name, text in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def names(reading: Reading) -> list[str]:
    found = []
    for document in reading.documents:
        metadata = document.data["metadata"]
        assert isinstance(metadata, dict)
        found.append(f"{document.data['kind']}/{metadata['name']}")
    return found


def told(reading: Reading) -> list[str]:
    return [str(problem) for problem in reading.problems]


def test_documents_are_gathered_named_and_sorted(tree: Path) -> None:
    other = model("x").replace("Model", "Secret")
    write(
        {
            "base/kustomization.yaml": "resources: [b.yaml, a.yaml]\nnamePrefix: in-\n",
            "base/a.yaml": model("a"),
            "base/b.yaml": model("b") + model("A") + other,
            "top/kustomization.yaml": "resources: [../base, own.yaml]\nnamePrefix: out-\n",
            "top/own.yaml": model("own", ", namespace: far"),
        }
    )
    reading = build("top")
    assert told(reading) == []
    assert names(reading) == [
        "Secret/out-in-x",
        "Model/out-own",
        "Model/out-in-A",
        "Model/out-in-a",
        "Model/out-in-b",
    ]
    assert {document.overlay for document in reading.documents} == {"top"}
    assert reading.files == (
        "top/kustomization.yaml",
        "base/kustomization.yaml",
        "base/b.yaml",
        "base/a.yaml",
        "top/own.yaml",
    )
    assert str(reading.documents[2].locate(("metadata", "name"))) == "base/b.yaml:9:12"


def test_a_component_is_given_what_was_gathered(tree: Path) -> None:
    write(
        {
            "part/kustomization.yaml": "kind: Component\nresources: [c.yaml]\nnameSuffix: -c\n",
            "part/c.yaml": model("c"),
            "top/kustomization.yaml": "resources: [a.yaml]\ncomponents: [../part]\n",
            "top/a.yaml": model("a"),
        }
    )
    assert names(build("top")) == ["Model/a-c", "Model/c-c"]


def test_one_kind_of_folder_is_not_the_other(tree: Path) -> None:
    write(
        {
            "part/kustomization.yaml": "kind: Component\n",
            "base/kustomization.yaml": "resources: []\n",
            "top/kustomization.yaml": "resources: [../part]\ncomponents: [../base, none.yaml]\n",
        }
    )
    assert told(build("top")) == [
        'top/kustomization.yaml:1:13: error: resources[0]: "../part" is a Component; name it under components',
        'top/kustomization.yaml:2:14: error: components[0]: "../base" is no Component; name it under resources',
        'top/kustomization.yaml:2:23: error: "none.yaml": no such file or folder',
    ]


def test_references_of_kinds_that_are_not_ours_may_be_added(tree: Path) -> None:
    holder = "apiVersion: a/v1\nkind: Holder\nmetadata: {name: h}\nspec: {ref: a}\n"
    write(
        {
            "base/kustomization.yaml": "resources: [a.yaml]\nconfigurations: [c.yaml]\n",
            "base/a.yaml": model("a") + "---\n" + holder,
            "base/c.yaml": "nameReference: [{kind: Model, fieldSpecs: [{kind: Holder, path: spec/ref}]}]",
            "top/kustomization.yaml": "resources: [../base]\nnamePrefix: p-\n",
        }
    )
    reading = build("top")
    assert [document.data["spec"] for document in reading.documents] == [{"ref": "p-a"}, {}]
    write({"base/c.yaml": "names: []"})
    assert told(build("top")) == [
        'base/c.yaml:1:1: error: names: unknown field "names"; known here: nameReference'
    ]


def test_what_is_for_the_kustomization_alone_is_left_out(tree: Path) -> None:
    local = ", annotations: {config.kubernetes.io/local-config: '%s'}"
    write(
        {
            "kustomization.yaml": "resources: [a.yaml]",
            "a.yaml": model("a", local % "true") + model("b", local % "false"),
        }
    )
    assert names(build(".")) == ["Model/b"]


def test_where_an_overlay_lies(tree: Path) -> None:
    write(
        {
            "o/kustomization.yaml": "resources: [../b, a.yaml]",
            "o/a.yaml": model("a"),
            "b/kustomization.yaml": "resources: [deep/b.yaml]",
            "b/deep/b.yaml": model("b"),
        }
    )
    assert sorted(module.folders(Overlay("o"))) == ["b", "b/deep", "o"]
    assert module.folders(Overlay("none"))[0] == "none"


def test_nothing_above_the_top_is_read(tree: Path) -> None:
    write({"t/o/kustomization.yaml": "resources: [../../b]", "b/kustomization.yaml": "resources: []"})
    write({"t/in/kustomization.yaml": "resources: [../b, '../\\0']", "t/b/kustomization.yaml": "{}"})
    assert told(module.build(Overlay("t/o"))) == []
    assert told(module.build(Overlay("t/o", top="t"))) == [
        't/o/kustomization.yaml:1:13: error: "../../b" leads out of the repository; what it is built of lies inside'
    ]
    assert not any("leads out" in line for line in told(module.build(Overlay("t/in", top="t"))))


def test_what_is_no_overlay(tree: Path) -> None:
    write({"a.yaml": model("a"), "list/kustomization.yaml": "resources: [l.json]", "list/l.json": "[]"})
    for path in ("none", "a.yaml", "a\0b"):
        assert "no such folder" in told(build(path))[0]
    assert 'no kustomization.yaml stands in "."' in told(build("."))[0]
    assert "list/l.json:1:1: error: a document is a mapping" in told(build("list"))[0]


def test_a_name_that_may_mean_two_is_said(tree: Path) -> None:
    rename = "- target: {name: m}\n  patch: |-\n    - {op: replace, path: /metadata/name, value: n}\n"
    binding = model("b").replace("Model", "Binding").replace("spec: {}", "spec: {model: m}")
    again = "- target: {name: o}\n  patch: |-\n    - {op: replace, path: /metadata/name, value: m}\n"
    more = "- target: {name: m, labelSelector: l}\n  patch: |-\n    - {op: replace, path: /metadata/name, value: q}\n"
    write(
        {
            "kustomization.yaml": "resources: [a.yaml]\npatches:\n" + rename + again + more,
            "a.yaml": model("m") + model("o", ", labels: {l: l}") + binding,
        }
    )
    assert told(build(".")) == [
        'a.yaml:15:8: error: spec.model: Binding/b: "m" may mean n or q; write which one is meant'
    ]


def test_bases_that_multiply_end_it(tree: Path) -> None:
    """Each level names the one below twice: without a bound there would be 2**40 of them."""
    write({"l0/kustomization.yaml": "resources: [a.yaml]", "l0/a.yaml": model("a") * 500})
    for level in range(1, 41):
        write({f"l{level}/kustomization.yaml": f"resources: [../l{level - 1}, ../l{level - 1}]"})
    assert "more than 100000 resources" in told(build("l40"))[-1]
