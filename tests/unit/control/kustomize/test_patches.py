from pathlib import Path

import pytest

from reconciler.control.kustomize.kustomization import Kustomization, parse
from reconciler.control.kustomize.loader import Folder, Loader, Overlaid
from reconciler.control.kustomize.patches import Patching, load_patches
from reconciler.control.kustomize.piece import Piece, composed
from reconciler.control.manifest.reader import read_text

MODELS = "".join(
    f"---\napiVersion: g/v1\nkind: Model\nmetadata: {{name: {name}}}\nspec: {{a: [1, 2], b: {{c: d}}}}\n"
    for name in "xy"
)
HEADER = "apiVersion: g/v1\n    kind: Model\n    metadata: {name: x}"


def overlaid(folder: Path, text: str) -> Overlaid:
    (document,) = read_text(text, "k.yaml").documents
    wants = parse(document)
    assert isinstance(wants, Kustomization)
    return Overlaid(Folder(folder.name, str(folder.resolve())), document, wants)


def patched(folder: Path, text: str, manifests: str = MODELS) -> tuple[list[Piece], list[str]]:
    loader = Loader()
    pieces = [Piece(document.data, document) for document in read_text(manifests, "base.yaml").documents]
    patching = Patching(pieces, loader)
    for patch in load_patches(overlaid(folder, text), loader):
        patching.apply(patch)
    return patching.pieces, [str(problem) for problem in loader.problems]


def specs(folder: Path, text: str) -> list[object]:
    pieces, problems = patched(folder, text)
    assert problems == []
    return [piece.data["spec"] for piece in pieces]


def test_a_merge_patch_is_for_what_it_names(tmp_path: Path) -> None:
    text = f"patches:\n- patch: |-\n    {HEADER}\n    spec: {{b: {{e: 1}}}}\n"
    assert specs(tmp_path, text) == [{"a": [1, 2], "b": {"c": "d", "e": 1}}, {"a": [1, 2], "b": {"c": "d"}}]


def test_its_fields_have_its_places(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(
        "apiVersion: g/v1\nkind: Model\nmetadata: {name: x}\nspec:\n  b:\n    e: 1\n"
    )
    (first, _), problems = patched(tmp_path, "patches: [{path: p.yaml}]")
    assert problems == []
    made = composed(first, "o")
    assert str(made.locate(("spec", "b", "e"))) == f"{tmp_path.name}/p.yaml:6:5"
    assert str(made.locate(("spec", "b", "c"))) == "base.yaml:5:23"


def test_with_a_target_its_own_name_does_not_count(tmp_path: Path) -> None:
    header = HEADER.replace("x", "any, namespace: other").replace("Model", "Any").replace("g/v1", "v9")
    pieces, problems = patched(
        tmp_path, f"patches:\n- target: {{kind: Model}}\n  patch: |-\n    {header}\n    spec: {{a: null}}\n"
    )
    assert problems == []
    assert [piece.data for piece in pieces] == [
        {"apiVersion": "g/v1", "kind": "Model", "metadata": {"name": name}, "spec": {"b": {"c": "d"}}}
        for name in "xy"
    ]


def test_deleted_ones_are_gone(tmp_path: Path) -> None:
    pieces, problems = patched(tmp_path, f"patches:\n- patch: |-\n    {HEADER}\n    $patch: delete\n")
    assert problems == []
    assert [piece.identity.name for piece in pieces] == ["y"]


def test_a_json_patch_needs_no_name(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text('[{"op": "add", "path": "/spec/a/-", "value": 3}]')
    text = "patches: [{path: p.json, target: {name: x}}]"
    assert specs(tmp_path, text) == [{"a": [1, 2, 3], "b": {"c": "d"}}, {"a": [1, 2], "b": {"c": "d"}}]


def test_what_a_json_patch_writes_has_the_place_of_its_operation(tmp_path: Path) -> None:
    text = """\
patches:
- target: {name: x}
  patch: |-
    - {op: add, path: /spec/a/-, value: 3}
    - {op: replace, path: /spec/b, value: {e: 1}}
    - {op: replace, path: /metadata/name, value: z}
"""
    (first, _), problems = patched(tmp_path, text)
    assert problems == []
    made = composed(first, "o")
    places = [
        made.locate(path).line
        for path in (("spec", "a"), ("spec", "b", "e"), ("metadata", "name"), ("kind",))
    ]
    assert places == [4, 5, 6, 3]
    assert (first.original.name, first.identity.name) == ("x", "z")


def test_a_later_patch_may_use_the_old_name_or_the_new_one(tmp_path: Path) -> None:
    rename = "- target: {name: x}\n  patch: |-\n    - {op: replace, path: /metadata/name, value: z}\n"
    entries = [f"- patch: |-\n    {HEADER.replace('x', name)}\n    spec: {{{name}: 1}}\n" for name in "xz"]
    spec = {"a": [1, 2], "b": {"c": "d"}}
    assert specs(tmp_path, "patches:\n" + entries[0] + rename + "".join(entries)) == [
        {**spec, "x": 1, "z": 1},
        spec,
    ]


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (
            "{patch: ''}",
            "k.yaml:2:3: error: patches[0]: a patch has either patch, its text, or path, its file",
        ),
        ("{path: p.yaml, patch: x}", "either patch, its text, or path, its file"),
        ("{path: none.yaml}", 'k.yaml:2:4: error: "none.yaml": no such file or folder'),
        ("{patch: '# nothing'}", "patches[0]: the patch is empty; a merge patch begins with"),
        (
            "{patch: 'spec: {}'}",
            "patches[0]: no patch; a merge patch begins with apiVersion, kind and metadata.name",
        ),
        ("{patch: '[]'}", "a JSON patch needs a target"),
        ('{patch: "[]\\n---\\n[]", target: {}}', "a JSON patch stands alone"),
        ("{patch: 'just words', target: {}}", "a document is a mapping"),
        (
            "{patch: '[]', target: {kind: '('}}",
            "k.yaml:2:26: error: patches[0].target.kind: no usable pattern: a ( without",
        ),
    ],
)
def test_what_is_no_patch(tmp_path: Path, entry: str, problem: str) -> None:
    _, problems = patched(tmp_path, f"patches:\n- {entry}\n")
    assert len(problems) == 1
    assert problem in problems[0]


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (
            f"patch: |-\n    {HEADER.replace('x', 'w')}",
            "k.yaml:5:16: error: the patch is for Model/w, which is not among",
        ),
        (
            f"patch: |-\n    {HEADER}\n    spec: {{a: 1}}",
            "k.yaml:6:12: error: spec.a: a plain value can't be merged into a list",
        ),
        (
            f"target: {{}}\n  patch: |-\n    {HEADER}\n    ---\n    {HEADER}",
            "k.yaml:2:3: error: patches[0]: several merge patches in one can't have one target",
        ),
        (
            "target: {name: x}\n  patch: |-\n    - {op: test, path: /kind, value: Model}\n    - {op: remove, path: /q}",
            'k.yaml:5:7: error: Model/x: operation 2 (remove /q): there is no "q"',
        ),
        (
            "target: {name: x}\n  patch: |-\n    - {op: replace, path: '', value: 1}",
            "k.yaml:4:7: error: Model/x: nothing is left that could be a resource",
        ),
    ],
)
def test_a_patch_that_fails_leaves_all_as_it_was(tmp_path: Path, entry: str, problem: str) -> None:
    pieces, problems = patched(tmp_path, f"patches:\n- {entry}\n")
    assert len(problems) == 1
    assert problem in problems[0]
    assert [piece.data for piece in pieces] == [piece.base.data for piece in pieces]


def test_several_of_one_name_are_not_told_apart(tmp_path: Path) -> None:
    _, problems = patched(tmp_path, f"patches:\n- patch: |-\n    {HEADER}\n", MODELS + MODELS)
    assert "Model/x, which several resources here are or were called" in problems[0]


def test_a_document_with_errors_is_left_alone(tmp_path: Path) -> None:
    faulty = "apiVersion: g/v1\nkind: Model\nmetadata: {name: x}\nspec: {a: 1.5}\n"
    pieces, problems = patched(tmp_path, f"patches:\n- patch: |-\n    {HEADER}\n    spec: {{b: 1}}\n", faulty)
    assert problems == []
    assert pieces[0].data is pieces[0].base.data


def test_a_patch_of_strange_metadata_keeps_the_name(tmp_path: Path) -> None:
    odd = "apiVersion: g/v1\nkind: Model\nmetadata: []\n"
    text = "patches:\n- target: {kind: Model}\n  patch: |-\n    " + HEADER.replace(
        "{name: x}", "{name: x, labels: {a: b}}"
    )
    _, problems = patched(tmp_path, text, odd)
    assert "a mapping can't be merged into a list" in problems[0]
