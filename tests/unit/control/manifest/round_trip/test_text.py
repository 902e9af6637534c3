import io
import json
from pathlib import Path
from random import Random

import pytest
from fakes.specs import SPECS
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from reconciler.control.manifest.document import InvalidManifests
from reconciler.control.manifest.emitter import to_yaml
from reconciler.control.manifest.reader import read_text
from reconciler.control.manifest.round_trip.layout import line_end, line_start
from reconciler.control.manifest.round_trip.loader import load
from reconciler.control.manifest.round_trip.nodes import Mapping, Node, Scalar, data_of
from reconciler.control.manifest.round_trip.sameness import same
from reconciler.control.manifest.round_trip.splices import Splices
from reconciler.control.manifest.round_trip.text import key_of, patched_text, unreadable
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import ResourceKey
from reconciler.resources.scheme import structure_of_kind

HEAD = "apiVersion: routerctl.dev/v1\nkind: Model\n"


def model(name: str, **spec: JsonValue) -> JsonObject:
    return {"apiVersion": "routerctl.dev/v1", "kind": "Model", "metadata": {"name": name}, "spec": dict(spec)}


def key(name: str, namespace: str = "default") -> ResourceKey:
    return ResourceKey("Model", namespace, name)


TEXT = f"""\
# Of the whole file.

# On a.
{HEAD}metadata: {{name: a}}
spec: {{contextWindow: 1}} # one
--- # the second
# On b.
{HEAD}metadata:
  name: b
spec:
  contextWindow: 2 # two
...
---
# On c.
{HEAD}metadata: {{name: c}}
spec: {{contextWindow: 3}}
# The end.
"""
FIRST, SECOND, THIRD = (
    TEXT[: TEXT.index("--- # the second")],
    TEXT[TEXT.index("--- # the second") : TEXT.index("---\n# On c")],
    TEXT[TEXT.index("---\n# On c") :],
)


def test_one_document_changes_and_the_others_stay() -> None:
    wanted = model("b", contextWindow=5)
    assert patched_text(TEXT, {key("b"): wanted}) == TEXT.replace("2 # two", "5 # two")
    assert patched_text(TEXT, {key("b"): model("b", contextWindow=2)}) == TEXT
    assert patched_text(TEXT, {}) == TEXT


def test_a_document_goes_with_its_comments() -> None:
    assert patched_text(TEXT, {key("b"): None}) == FIRST + THIRD
    assert patched_text(TEXT, {key("c"): None}) == FIRST + SECOND
    assert patched_text(TEXT, {key("b"): None, key("c"): None}) == FIRST


def test_the_first_document_leaves_what_is_on_the_file() -> None:
    assert patched_text(TEXT, {key("a"): None}) == f"# Of the whole file.\n\n{SECOND}{THIRD}"
    rest = THIRD.removeprefix("---\n")
    assert patched_text(TEXT, {key("a"): None, key("b"): None}) == f"# Of the whole file.\n\n{rest}"
    assert patched_text(FIRST, {key("a"): None}) == "# Of the whole file.\n\n"
    assert patched_text("---\n" + FIRST, {key("a"): None}) == ""


def test_a_document_comes_at_the_end() -> None:
    added = to_yaml([model("d")])
    assert patched_text(TEXT, {key("d"): model("d"), key("e"): None}) == f"{TEXT}---\n{added}"
    assert patched_text("", {key("d"): model("d")}) == added
    crlf = f"{HEAD}metadata: {{name: a}}".replace("\n", "\r\n")
    assert patched_text(crlf, {key("d"): model("d")}) == crlf + ("\n---\n" + added).replace("\n", "\r\n")


def test_no_line_end_stays_none() -> None:
    text = TEXT.removesuffix("\n")
    assert patched_text(text, {key("c"): None}) == (FIRST + SECOND).removesuffix("\n")
    assert patched_text(text, {key("a"): model("a", contextWindow=4)}) == text.replace("1}", "4}")


def test_a_byte_order_mark_stays() -> None:
    text = "\ufeff" + TEXT
    assert patched_text(text, {key("a"): model("a", contextWindow=4)}) == text.replace("1}", "4}")


def test_a_document_belongs_to_the_namespace_that_is_given() -> None:
    data = model("a", contextWindow=4)
    assert patched_text(TEXT, {key("a", "team"): data}, namespace="team") == TEXT.replace("1}", "4}")


def test_what_is_no_resource_is_left_alone() -> None:
    text = "a: [1\n---\nkind: Odd\nmetadata: {name: a}\n---\nkind: Model\n---\n- a\n---\n" + TEXT
    assert patched_text(text, {key("a"): model("a", contextWindow=4)}) == text.replace("1}", "4}")


def test_a_document_that_the_round_trip_loader_refuses_is_an_error_with_its_place() -> None:
    odd = f"# x\n---\n{HEAD}metadata: {{name: a}}\nspec:\n  description:\tx\n"
    (document,) = read_text(odd, "odd.yaml").documents
    problem = unreadable(document)
    assert problem is not None
    place = "odd.yaml:7:15: error:"
    said = "this document can't be changed in place: a tab can't indent a line; use spaces"
    assert str(problem) == f"{place} {said}"
    with pytest.raises(InvalidManifests) as refused:
        patched_text(odd, {key("a"): model("a")}, file="odd.yaml")
    assert str(refused.value) == f"{place} Model/a: {said}"
    assert patched_text(odd, {key("a"): model("a", description="x")}) == odd


def test_a_text_that_would_say_something_else_is_refused() -> None:
    text = f"{HEAD}metadata: {{name: a}}\nspec:\n  capabilities: [a: b]\n"
    wanted = model("a", capabilities=[{"a": "b", "c": "d"}])
    with pytest.raises(InvalidManifests) as refused:
        patched_text(text, {key("a"): wanted}, file="a.yaml")
    assert str(refused.value).startswith(
        "a.yaml:1:1: error: Model/a: this document can't be changed in place; "
    )


def test_readable_documents_have_no_problem() -> None:
    assert [unreadable(document) for document in read_text(TEXT, "a.yaml").documents] == [None, None, None]


@pytest.mark.parametrize(
    "data",
    [{}, {"kind": "Odd", "metadata": {"name": "a"}}, {"kind": "Model"}, {"kind": "Model", "metadata": {}}],
)
def test_a_document_that_does_not_say_which_resource_it_is(data: JsonObject) -> None:
    assert key_of(data) is None


# --- whatever is written and wanted ------------------------------------------------------------------------------


LABELS: list[JsonObject] = [{}, {"a": "b"}, {"a": "b", "c": "d"}, {"a": "x", "z": "1"}]


@st.composite
def resources(draw: st.DrawFn) -> tuple[JsonObject, JsonObject]:
    """Two documents of one resource, which may have much in common, or nothing."""
    kind = draw(st.sampled_from(sorted(SPECS)))
    old, new = draw(SPECS[kind]), draw(SPECS[kind])
    if old.get("type") == new.get("type") and draw(st.booleans()):
        new = {**old, **{name: value for name, value in new.items() if draw(st.booleans())}}

    def document(spec: JsonObject) -> JsonObject:
        metadata: JsonObject = {"name": "default"}
        for name in ("labels", "annotations"):
            if texts := draw(st.sampled_from(LABELS)):
                metadata[name] = texts  # one object at several places is written with an anchor
        return {"apiVersion": "routerctl.dev/v1", "kind": kind, "metadata": metadata, "spec": spec}

    return document(old), document(new)


def written(data: JsonObject, random: Random) -> str:
    """`data` in one of the ways in which people and programs write it."""
    way = random.choice(["ours", "json", "flow", "block", "mixed"])
    if way == "ours":
        text = to_yaml([data])
    elif way == "json":
        text = json.dumps(data, indent=random.choice([None, 2, 4]))
    else:
        yaml = YAML()
        yaml.default_flow_style = {"flow": True, "block": False, "mixed": None}[way]
        yaml.indent(mapping=random.choice([2, 4]), sequence=4, offset=2)
        yaml.width = random.choice([20, 80])
        stream = io.StringIO()
        yaml.dump(data, stream)
        text = stream.getvalue()
    return text.rstrip("\n") if random.random() < 0.3 else text


def commented(text: str, wanted: JsonObject) -> tuple[str, set[str]]:
    """The text with comments above and behind all keys of block mappings, and those of them that must stay."""
    splices = Splices(text, "\n")
    staying: set[str] = set()

    def comment(node: Node, wanted: JsonValue) -> None:
        if not isinstance(node, Mapping) or node.flow:
            return
        for entry in node.entries:
            start = line_start(text, entry.start)
            number = len(staying) + entry.start
            stays = isinstance(wanted, dict) and entry.key in wanted
            if not text[start : entry.start].strip():
                splices.insert(start, f"{' ' * (entry.start - start)}# above {number}\n")
                staying.update({f"# above {number}\n"} if stays else ())
            value = entry.value
            if isinstance(value, Scalar) and value.style not in ("|", ">"):
                splices.insert(line_end(text, value.end), f"   # behind {number}#")
                staying.update({f"# behind {number}#"} if stays else ())
            comment(value, wanted[entry.key] if isinstance(wanted, dict) and stays else None)

    root = load(text)
    assert root is not None
    comment(root, wanted)
    return splices.made(), staying


@settings(max_examples=60)
@given(resources(), st.randoms(use_true_random=False), st.booleans())
def test_whatever_is_wanted_is_declared_and_comments_stay(
    pair: tuple[JsonObject, JsonObject], random: Random, windows: bool
) -> None:
    old, wanted = pair
    text = written(old, random)
    reading = read_text(text, "a.yaml")
    (document,) = reading.documents or (None,)
    if document is None or reading.problems:
        return  # JSON may hold what no manifest may
    root = load(text)
    assert root is not None
    assert data_of(root) == document.data
    text, staying = commented(text, wanted)
    if windows:
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    of = key_of(document.data)
    assert of is not None
    after = patched_text(text, {of: wanted})
    (again,) = read_text(after, "a.yaml").documents
    assert same(structure_of_kind(of.kind), again.data, wanted)
    shown = after.replace("\r\n", "\n")
    assert {comment for comment in staying if comment not in shown} == set()
    assert patched_text(after, {of: wanted}) == after
    assert not windows or "\n" not in after.replace("\r\n", "")


MANIFESTS = sorted(
    path
    for folder in ("manifests", "examples")
    for path in (Path(__file__).parents[5] / folder).rglob("*.yaml")
)


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_both_loaders_read_our_own_manifests_alike(path: Path) -> None:
    documents = read_text(path.read_bytes(), path.name).documents
    for document in documents:
        root = load(document.text)
        assert root is not None
        assert data_of(root) == document.data
        assert unreadable(document) is None
