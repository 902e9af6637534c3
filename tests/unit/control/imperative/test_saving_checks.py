import pytest

from reconciler.control.imperative.saving_checks import check_rules, checked
from reconciler.control.manifest.document import InvalidManifests
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject
from reconciler.resources.resource import Resource, ResourceKey

TEAM = ResourceKey("Model", "team", "m")


def document(name: str, **spec: int) -> JsonObject:
    return {
        "apiVersion": "routerctl.dev/v1",
        "kind": "Model",
        "metadata": {"name": name},
        "spec": {**spec},
    }


def test_a_document_without_a_namespace_is_in_the_one_that_was_meant() -> None:
    assert checked(TEAM, document("m")).key == TEAM


def test_another_identity_and_another_form() -> None:
    with pytest.raises(InvalidInput, match="Model/team/m: what would be written is Model/team/other"):
        checked(TEAM, document("other"))
    with pytest.raises(InvalidManifests, match="contextWindow"):
        checked(TEAM, document("m", contextWindow=0))


def test_only_rules_that_the_change_breaks_count() -> None:
    key = ResourceKey("Binding", "default", "b")
    dangling = Resource(key, {"model": "m", "provider": "p"})
    with pytest.raises(InvalidManifests) as error:
        check_rules({}, {}, {key: dangling})
    assert [problem.key for problem in error.value.problems] == [key, key]
    check_rules({}, {}, {key: None})
