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
        ReferenceField("Route", ("spec", "match", "models"), "Model"),
        ReferenceField("Route", ("spec", "shadow", "target", "model"), "Model"),
        ReferenceField("Route", ("spec", "shadow", "target", "provider"), "Provider"),
        ReferenceField("Route", ("spec", "targets", "model"), "Model"),
        ReferenceField("Route", ("spec", "targets", "provider"), "Provider"),
        ReferenceField("Settings", ("spec", "activeProvider"), "Provider"),
        ReferenceField("Settings", ("spec", "defaultModel"), "Model"),
    } <= FIELDS


@given(configurations())
def test_every_reference_that_a_resource_makes_is_one_of_them(configuration: Configuration) -> None:
    for resource in configuration.values():
        for reference in references(resource):
            path = tuple(step for step in reference.field if isinstance(step, str))
            if reference.target.kind == "Secret":
                path = (*path, *SECRET_NAME)
            assert ReferenceField(resource.key.kind, path, reference.target.kind) in FIELDS
