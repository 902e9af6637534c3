from hypothesis import given
from strategies import Configuration, configurations

from reconciler.resources.reference_fields import ReferenceField, reference_fields
from reconciler.resources.references import SECRET_NAME, references

FIELDS = set(reference_fields())


def test_what_they_are() -> None:
    assert {
        ReferenceField("Binding", ("spec", "model"), "Model"),
        ReferenceField("Binding", ("spec", "provider"), "Provider"),
        ReferenceField("Provider", ("spec", "config", "apiKey", *SECRET_NAME), "Secret"),
        ReferenceField("Settings", ("spec", "activeProvider"), "Provider"),
        ReferenceField("Settings", ("spec", "defaultModel"), "Model"),
    } <= FIELDS


@given(configurations())
def test_every_reference_that_a_resource_makes_is_one_of_them(configuration: Configuration) -> None:
    for resource in configuration.values():
        for reference in references(resource):
            path = (*reference.field, *SECRET_NAME) if reference.target.kind == "Secret" else reference.field
            assert ReferenceField(resource.key.kind, path, reference.target.kind) in FIELDS
