from collections.abc import Iterator

import pytest
from fakes.specs import documents
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.control.manifest.decode import Decoding, decode
from reconciler.control.manifest.emitter import to_yaml
from reconciler.control.manifest.reader import read_text
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import ResourceKey

HEAD = "apiVersion: routerctl.dev/v1\n"
PROVIDER = HEAD + "kind: Provider\nmetadata: {name: p}\n"
OPENAI = PROVIDER + "spec:\n  type: openai-compatible\n  config:\n    baseURL: http://a/v1\n"
MODEL = HEAD + "kind: Model\nmetadata: {name: m}\n"
SECRET = HEAD + "kind: Secret\nmetadata: {name: s}\n"


def decoded(text: str, namespace: str | None = None, file: str = "a.yaml") -> Decoding:
    reading = read_text(text, file)
    assert reading.problems == ()
    return decode(reading.documents, namespace=namespace)


def lines(text: str, namespace: str | None = None) -> list[str]:
    return [str(problem) for problem in decoded(text, namespace).problems]


def test_all_errors_of_all_documents_are_told_at_once() -> None:
    text = (
        "kind: Model\nmetadata: {name: -}\nspec: {aliases: 7, contextWindow: 0}\nstatus: {}\n---\n"
        + PROVIDER
        + "spec: {type: simulator, enabled: 1, config: {latency: x, textt: y}}\n---\n"
        + MODEL
        + "spec: {}\n"
    )
    found = decoded(text)
    assert [
        (problem.location.line if problem.location else 0, problem.field) for problem in found.problems
    ] == [
        (1, "apiVersion"),
        (4, "status"),
        (2, "metadata.name"),
        (3, "spec.contextWindow"),
        (3, "spec.aliases"),
        (9, "spec.enabled"),
        (9, "spec.config.latency"),
        (9, "spec.config.textt"),
    ]
    assert [item.key for item in found.declared] == [ResourceKey("Model", "default", "m")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (OPENAI + "    timeout: 1.5\n    zzz: 1\n", ["spec.config.zzz"]),
        (OPENAI + "    baseURL: http://b\n    headers: {a: 1}\n", ["spec.config.headers.a"]),
        (PROVIDER + "spec: {type: openai-compatible, config: {baseURL: 1.5, zzz: 1}}\n", ["spec.config.zzz"]),
        (PROVIDER + "spec: {type: !t simulator, config: {zzz: 1}, enabled: 7}\n", []),
        (PROVIDER + "spec: {type: simulator, config: {<<: *x, zzz: 1}}\n", ["spec.config.zzz"]),
        (PROVIDER + "spec: {type: openai-compatible, config: {<<: {}, zzz: 1}}\n", ["spec.config.zzz"]),
        (PROVIDER + "spec: *gone\n", []),
        (OPENAI + "    apiKey: {valueFrom: {env: 1.5, file: /a}}\n", ["spec.config.apiKey"]),
        (OPENAI + "    apiKey: {valueFrom: {env: 1.5}}\n    headers: {1: x}\n", []),
        (MODEL + "spec: {aliases: [1.5, 7, a], contextWindow: !!int 7}\n", ["spec.aliases[1]"]),
        (HEAD + "kind: Model\nmetadata: {name: 1.5, zzz: 1}\nspec: {yyy: 1}\n", ["metadata.zzz", "spec.yyy"]),
        (HEAD + "kind: !t Model\nmetadata: {name: 7}\nzzz: 1\n", ["zzz"]),
        ("<<: *head\nkind: Model\nmetadata: {name: m}\nspec: {zzz: 1}\n", ["spec.zzz"]),
        ("apiVersion: 1.0\nkind: Model\nmetadata: {name: m}\nspec: {zzz: 1}\n", ["spec.zzz"]),
    ],
)
def test_what_else_is_wrong_with_a_faulty_document_is_told_and_nothing_that_follows(
    text: str, told: list[str]
) -> None:
    reading = read_text(text, "a.yaml")
    assert reading.problems
    found = decode(reading.documents)
    assert [problem.field for problem in found.problems] == told
    assert found.declared == ()


def test_of_what_has_errors_the_rest_is_known() -> None:
    text = (
        OPENAI
        + "    timeout: 1.5\n    apiKey: {valueFrom: {secret: {name: s, key: k, keys: k}}}\n---\n"
        + MODEL
        + "spec: {aliases: [a, 7, b], zzz: 1}\n---\n"
        + HEAD
        + "kind: Model\nmetadata: {name: -}\nspec: {}\n---\n"
        + HEAD
        + "kind: Model\nmetadata: {name: n, namespace: -}\nspec: {}\n---\n"
        + MODEL
        + "spec: {}\n"
    )
    found = decode(read_text(text, "a.yaml").documents)
    assert [(item.key.name, item.resource.spec) for item in found.partial] == [
        (
            "p",
            {
                "type": "openai-compatible",
                "config": {
                    "baseURL": "http://a/v1",
                    "apiKey": {"valueFrom": {"secret": {"name": "s", "key": "k"}}},
                },
            },
        ),
        ("m", {"aliases": ["a", None, "b"]}),
    ]
    assert found.declared == ()
    assert found.problems[-1].message.startswith("declared twice; the first is at a.yaml:13:12")


def test_a_resource_is_declared_once_over_all_files() -> None:
    one, two = read_text(MODEL + "spec: {}\n", "a.yaml"), read_text("---\n" + MODEL + "spec: {}\n", "b.yaml")
    found = decode([*one.documents, *two.documents, *two.documents])
    assert [str(problem) for problem in found.problems] == [
        "b.yaml:4:12: error: Model/m: metadata.name: declared twice; the first is at a.yaml:3:12; keep one of them"
    ] * 2
    assert [item.document.file for item in found.declared] == ["a.yaml"]


def test_the_same_name_in_another_namespace_is_another_resource() -> None:
    other = HEAD + "kind: Model\nmetadata: {name: m, namespace: b}\nspec: {}\n"
    assert [str(item.key) for item in decoded(MODEL + "spec: {}\n---\n" + other).declared] == [
        "Model/m",
        "Model/b/m",
    ]


def test_the_command_line_says_the_namespace_of_what_names_none() -> None:
    found = decoded(MODEL + "spec: {}\n", namespace="team-a")
    assert [item.key for item in found.declared] == [ResourceKey("Model", "team-a", "m")]


def test_a_namespace_that_differs_from_the_command_line_is_an_error() -> None:
    text = HEAD + "kind: Model\nmetadata: {name: m, namespace: b}\nspec: {}\n"
    assert lines(text, namespace="a") == [
        (
            'a.yaml:3:21: error: Model/b/m: metadata.namespace: the file says namespace "b", '
            'the command line says "a"; drop one of the two'
        )
    ]
    assert lines(text, namespace="b") == []


def test_null_is_a_field_that_is_not_given() -> None:
    text = (
        HEAD
        + "kind: Model\nmetadata: {name: m, labels: }\nspec: {displayName: null, aliases: [a]}\nstatus:\n"
    )
    (item,) = decoded(text).declared
    assert (item.resource.spec, item.resource.labels) == ({"aliases": ["a"]}, {})


def test_a_kind_that_needs_nothing_may_leave_out_its_spec() -> None:
    (item,) = decoded(MODEL).declared
    assert item.resource.spec == {}


def test_a_spec_stays_as_it_was_written() -> None:
    (item,) = decoded(OPENAI + "    timeout: 1m30s\n").declared
    assert item.resource.spec == {
        "type": "openai-compatible",
        "config": {"baseURL": "http://a/v1", "timeout": "1m30s"},
    }


@given(documents())
def test_what_is_valid_is_declared(document: JsonObject) -> None:
    found = decoded(to_yaml([document]))
    assert found.problems == ()
    (item,) = found.declared
    assert item.resource.spec == document["spec"]


CANARY = "canary-6f1d"
PUBLIC = {("kind",), ("metadata", "name"), ("metadata", "namespace")}
"""What names the resource is what the message is about."""


def places(value: JsonValue, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in items:
        yield from places(item, (*path, step))


def replaced(value: JsonValue, path: tuple[str | int, ...], new: JsonValue) -> JsonValue:
    if not path:
        return new
    step, *rest = path
    if isinstance(value, dict):
        return {**value, str(step): replaced(value[str(step)], tuple(rest), new)}
    assert isinstance(value, list)
    return [replaced(item, tuple(rest), new) if index == step else item for index, item in enumerate(value)]


canaries: st.SearchStrategy[JsonValue] = st.sampled_from(
    [CANARY, f"{CANARY}\n", f"-{CANARY}", f"{CANARY}*{CANARY}", [CANARY], {"valueFrom": CANARY}, {"sealed": CANARY},
     {"value": CANARY, "sealed": CANARY}, [[CANARY]], CANARY * 1000]
)  # fmt: skip


@settings(max_examples=200)
@given(documents(), st.data())
def test_no_value_of_a_field_is_ever_in_a_problem(document: JsonObject, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([path for path in places(document) if path not in PUBLIC]))
    broken = replaced(document, path, data.draw(canaries))
    assert isinstance(broken, dict)
    reading = read_text(to_yaml([broken]), "a.yaml")
    found = [*reading.problems, *decode(reading.documents).problems]
    assert [str(problem) for problem in found if CANARY in str(problem)] == []
