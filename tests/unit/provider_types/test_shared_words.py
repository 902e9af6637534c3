from reconciler.provider_types import shared_words
from reconciler.provider_types.catalog import PROVIDER_TYPES


def test_each_is_said_by_several_types() -> None:
    said = [
        field.description for each in PROVIDER_TYPES.values() for field in each.config.model_fields.values()
    ]
    words = {name: text for name, text in vars(shared_words).items() if name.isupper()}
    assert words
    assert {name for name, text in words.items() if said.count(text) < 2} == set()
