import pytest

from reconciler.control.manifest.fields import OBJECT, Field, document_of
from reconciler.provider_types.catalog import PROVIDER_TYPES
from reconciler.resources.kinds import KINDS


def field(kind: str, path: str, provider_type: str | None = None) -> Field:
    found: Field | None = document_of(KINDS[kind], provider_type)
    for name in path.split("."):
        assert found is not None
        found = found.child(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("kind", "path", "type_name"),
    [
        ("Model", "spec", OBJECT),
        ("Model", "spec.aliases", "[]string"),
        ("Model", "spec.contextWindow", "integer"),
        ("Model", "metadata.labels", "map[string]string"),
        ("Binding", "spec.enabled", "boolean"),
        ("Provider", "spec.config.timeout", "duration"),
        ("Provider", "spec.config.apiKey", "secret"),
        ("Provider", "spec.config.apiKey.valueFrom.secret", OBJECT),
        ("Provider", "spec.config.headers", "map[string]string"),
        ("Secret", "spec.data", "map[string]secret"),
        ("Secret", "spec.data.valueFrom.env", "string"),
    ],
)
def test_types(kind: str, path: str, type_name: str) -> None:
    assert field(kind, path).type == type_name


def test_what_a_field_must_hold() -> None:
    assert field("Model", "spec.aliases").limits == (
        "at most 256 items", "each: not empty", "each: at most 256 characters"
    )  # fmt: skip
    assert field("Model", "spec.contextWindow").limits == ("at least 1",)
    assert field("Provider", "spec.config.cutAfter").limits == ("at least 0", "at most 1000000")
    assert field("Provider", "spec.priority").limits == ()
    assert field("Provider", "spec.config.timeout").limits[1] == "an integer is at least 1000"
    assert len(field("Provider", "spec.config.latency").limits) == 1
    assert "exactly one of its fields" in field("Provider", "spec.config.apiKey").limits[0]
    assert any(
        limit.startswith("keys: matches ") for limit in field("Provider", "spec.config.headers").limits
    )


def test_forms_are_told_in_words() -> None:
    assert field("Model", "metadata.name").limits[0].startswith("letters, digits, ")
    assert field("Binding", "spec.upstreamModel").limits[1] == r"matches ^(\*|[^*]+)$"
    assert field("Provider", "spec.config.baseURL").limits == ("at most 2048 characters", "format uri")


def test_required_and_defaults() -> None:
    assert field("Binding", "spec.model").required
    assert not field("Binding", "spec.priority").required
    assert field("Provider", "spec.enabled").default is True
    assert field("Provider", "spec.config.timeout").default == "120s"
    assert not field("Provider", "spec.config.baseURL").required  # some types know where their upstream is


def test_what_takes_every_value_says_any() -> None:
    assert field("Binding", "spec.config.defaults").type == "map[string]any"


def test_the_types_of_providers_are_one_document() -> None:
    assert field("Provider", "spec.type").enum == tuple(PROVIDER_TYPES)
    assert field("Provider", "spec.config.chunkSize").provider_types == ("simulator",)
    assert field("Provider", "spec.displayName").provider_types == ()
    config = field("Provider", "spec.config")
    assert {each.name for each in config.fields} == {
        name for row in PROVIDER_TYPES.values() for name in row.config.model_fields
    }


@pytest.mark.parametrize("name", PROVIDER_TYPES)
def test_one_type_takes_just_its_fields(name: str) -> None:
    config = field("Provider", "spec.config", name)
    assert [each.name for each in config.fields] == list(PROVIDER_TYPES[name].config.model_fields)
    assert field("Provider", "spec.type", name).enum == (name,)
    assert all(each.provider_types == () for each in config.fields)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_says_what_it_is(kind: str) -> None:
    document = document_of(KINDS[kind])
    silent = [path for path, each in document.walk() if not each.description]
    assert silent == []
    assert document.description == KINDS[kind].summary


def test_one_name_has_one_type_in_all_provider_types() -> None:
    mixed = [path for path, each in document_of(KINDS["Provider"]).walk() if "|" in each.type]
    assert mixed == []
