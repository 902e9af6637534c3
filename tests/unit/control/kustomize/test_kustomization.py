import pytest

from reconciler.control.kustomize.kustomization import Kustomization, parse
from reconciler.control.manifest.reader import read_text


def parsed(text: str) -> Kustomization | list[str]:
    found = parse(read_text(text, "k.yaml").documents[0])
    return found if isinstance(found, Kustomization) else [str(problem) for problem in found]


def test_all_words_together() -> None:
    wants = parsed(
        """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [a.yaml, ../b]
components: [c]
configurations: [d.yaml]
namespace: n
namePrefix: p-
nameSuffix: -s
labels: [{pairs: {a: b, c: null}, includeSelectors: true, includeTemplates: false}]
commonAnnotations: {e: f}
patches:
  - path: p.yaml
  - patch: text
    target: {group: g, version: v, kind: k, name: n, namespace: s, labelSelector: l, annotationSelector: a}
"""
    )
    assert isinstance(wants, Kustomization)
    assert wants.resources == ("a.yaml", "../b")
    assert wants.patches is not None
    assert wants.patches[1].target is not None
    assert wants.patches[1].target.label_selector == "l"
    assert wants.labels is not None
    assert wants.labels[0].pairs == {"a": "b", "c": None}
    assert not wants.is_component


def test_null_words_are_not_given() -> None:
    assert parsed("resources: null\nkind: null\nnamePrefix: null\n") == Kustomization()


def test_a_component_has_a_version_of_its_own() -> None:
    wants = parsed("apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n")
    assert isinstance(wants, Kustomization)
    assert wants.is_component
    (problem,) = parsed("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Component\n")
    place, hint = (
        "k.yaml:1:1: error: apiVersion: unknown version of Component",
        "kustomize.config.k8s.io/v1alpha1",
    )
    assert problem == f"{place}; write apiVersion: {hint}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("resource: [a]", '1:1: error: resource: unknown field "resource"; did you mean "resources"?'),
        (
            "commonLabels: {a: b}",
            '1:1: error: commonLabels: unknown field "commonLabels"; did you mean "labels"?',
        ),
        (
            "annotations: {}",
            '1:1: error: annotations: unknown field "annotations"; did you mean "commonAnnotations"?',
        ),
        ("bases: [a]", '1:1: error: bases: unknown field "bases"; did you mean "resources"?'),
        ("patchesStrategicMerge: []", 'unknown field "patchesStrategicMerge"; did you mean "patches"?'),
        (
            "images: []",
            'error: images: unknown field "images"; known here: apiVersion, kind, resources, components,',
        ),
        (
            "patches: [{path: a, options: {}}]",
            '1:21: error: patches[0].options: unknown field "options"; known here: patch,',
        ),
        (
            "patches: [{target: {names: a}}]",
            'patches[0].target.names: unknown field "names"; did you mean "name"?',
        ),
        ("labels: [{}]", '1:10: error: labels[0].pairs: "pairs" is required'),
        ("labels: [{pairs: {a: 1}}]", "1:19: error: labels[0].pairs.a: expected a text; put it in quotes"),
        ("labels: {a: b}", "1:1: error: labels: expected a list"),
        (
            "labels: [{pairs: {}, includeSelectors: 'no'}]",
            "labels[0].includeSelectors: expected true or false",
        ),
        ("commonAnnotations: [a]", "1:1: error: commonAnnotations: expected a mapping"),
        ("patches: [a]", "patches[0]: expected a mapping"),
        ("resources: [{a: b}]", "1:13: error: resources[0]: expected a text"),
        ("kind: Foo", "kind: unknown kind; write kind: Kustomization, or kind: Component"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, problem: str) -> None:
    found = parsed(text)
    assert isinstance(found, list)
    assert len(found) == 1
    assert problem in found[0]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    assert len(parsed("vars: []\nresources: 1\nlabels: [{pair: {}}]\n")) == 4  # type: ignore[arg-type]  # a list of problems
