import pytest

from reconciler.control.manifest.document import InvalidManifests
from reconciler.control.manifest.round_trip.secrets import Renewed, renewed_text
from reconciler.control.seal import literal_of
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonValue
from reconciler.resources.resource import ResourceKey

TEXT = """\
# of all
apiVersion: routerctl.dev/v1
kind: Provider
metadata: {name: far}  # a name
spec:
  type: openai-compatible
  config:
    baseURL: https://a.example/v1
    apiKey: "sk-1"  # rotated
    tls:
      ca: none
      key: |
        two
        lines
---
kind: ConfigMap
metadata: {name: other}
---
apiVersion: routerctl.dev/v1
kind: Secret
metadata: {name: keys}
spec: {data: {A: {value: sk-2}, B.c: {valueFrom: {env: X}}}}   # flow
"""


def sealed(_key: ResourceKey, path: tuple[str, ...], written: JsonValue) -> str | None:
    literal = literal_of(written)
    return None if literal is None else f"s1-{'.'.join(path)}-{len(literal)}"


def renewed(text: str, namespace: str = "default") -> Renewed:
    return renewed_text(text, sealed, file="a.yaml", namespace=namespace)


def test_literals_are_replaced_and_all_else_stays() -> None:
    made = renewed(TEXT)
    assert [(str(key), field) for key, field in made.fields] == [
        ("Provider/far", "spec.config.apiKey"),
        ("Provider/far", "spec.config.tls.key"),
        ("Secret/keys", "spec.data.A"),
    ]
    assert "apiKey: {sealed: s1-config.apiKey-4}  # rotated\n" in made.text
    assert "sealed: s1-config.tls.key-10\n" in made.text
    assert "A: {sealed: s1-data.A-4}, B.c: {valueFrom: {env: X}}}}   # flow\n" in made.text
    for kept in ("# of all\n", "# a name\n", "kind: ConfigMap\nmetadata: {name: other}\n"):
        assert kept in made.text
    assert "sk-" not in made.text
    assert renewed(made.text) == Renewed(made.text, ())


def test_the_namespace_is_that_of_the_document_or_the_one_given() -> None:
    own = TEXT.replace("{name: far}", "{name: far, namespace: own}")
    assert {str(key) for key, _ in renewed(own, "team").fields} == {"Provider/own/far", "Secret/team/keys"}


def test_every_problem_is_told_with_its_place_and_without_a_value() -> None:
    def fails(_key: ResourceKey, _path: tuple[str, ...], _written: JsonValue) -> str | None:
        raise InvalidInput("no", hint="not so")

    with pytest.raises(InvalidManifests) as refused:
        renewed_text(TEXT, fails, file="a.yaml")
    assert (
        str(refused.value)
        .splitlines()[0]
        .startswith("a.yaml:9:5: error: Provider/far: spec.config.apiKey: no; not so")
    )
    assert len(refused.value.problems) == 4
    twice = TEXT + "---\n" + TEXT
    with pytest.raises(InvalidManifests, match="declared twice") as refused:
        renewed(twice)
    with pytest.raises(InvalidManifests) as refused:
        renewed(TEXT + "---\nkind: [sk-3\n")
    assert "sk-" not in str(refused.value)
