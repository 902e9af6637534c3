from reconciler.control.manifest.checking import checked, real_path
from reconciler.control.manifest.reader import read_text
from reconciler.json_types import JsonValue
from reconciler.resources.resource import ResourceKey

HEAD = "apiVersion: routerctl.dev/v1\nkind: Model\n"


def test_a_document_without_faults_is_its_resource() -> None:
    (document,) = read_text(HEAD + "metadata: {name: m}\nspec: {aliases: [a]}\n", "a.yaml").documents
    resource, problems = checked(document, None)
    assert resource is not None
    assert (resource.key, resource.spec, problems) == (
        ResourceKey("Model", "default", "m"),
        {"aliases": ["a"]},
        [],
    )


def test_what_has_faults_is_what_is_left_of_it_and_every_fault() -> None:
    (document,) = read_text(
        HEAD + "metadata: {name: m}\nspec: {aliases: 1, contextWindow: 0, maxOutputTokens: 5}\n", "a.yaml"
    ).documents
    resource, problems = checked(document, "default")
    assert resource is not None
    assert resource.spec == {"maxOutputTokens": 5}
    assert sorted(str(problem.field) for problem in problems) == ["spec.aliases", "spec.contextWindow"]


def test_what_can_not_be_named_is_no_resource() -> None:
    (document,) = read_text("kind: Wheel\n", "a.yaml").documents
    resource, problems = checked(document, None)
    assert resource is None
    assert [problem.field for problem in problems] == ["apiVersion", "kind"]


def test_the_names_of_union_branches_are_no_fields() -> None:
    data: JsonValue = {"spec": {"config": {"apiKey": {"sealed": 1}}, "aliases": ["a"]}}

    def path(*loc: str | int, missing: bool = False) -> tuple[str | int, ...]:
        return real_path(data, ("spec",), loc, missing=missing)

    assert path("lm-studio", "config", "apiKey", "reference", "sealed") == (
        "spec",
        "config",
        "apiKey",
        "sealed",
    )
    assert path("lm-studio", "config", "apiKey", "reference") == ("spec", "config", "apiKey")
    assert path("aliases", 0) == ("spec", "aliases", 0)
    assert path("aliases", 5) == ("spec", "aliases")
    assert path("lm-studio", "config", "baseURL", missing=True) == ("spec", "config", "baseURL")
    assert path() == ("spec",)
