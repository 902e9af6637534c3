import pytest

from reconciler.control.imperative.creation import created, new
from reconciler.control.nothing import NoRecords
from reconciler.control.provider_templates import TEMPLATES, Template
from reconciler.control.seal import Sealer
from reconciler.provider_types.catalog import PROVIDER_TYPES
from reconciler.resources.resource import ResourceKey


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda each: each.name)
def test_each_is_a_valid_provider_whose_key_may_be_read(template: Template) -> None:
    key = ResourceKey("Provider", "default", template.name)
    change = created(new(key, template.spec()), Sealer(NoRecords(), None), manager="cli:ada", now="t")
    assert change.after is not None
    assert template.type in PROVIDER_TYPES
    assert template.variable is None or template.variable.endswith("_API_KEY")


def test_names_are_once_and_keys_are_references() -> None:
    assert len({each.display_name for each in TEMPLATES.values()}) == len(TEMPLATES)
    assert TEMPLATES["openai"].spec() == {
        "type": "openai-compatible",
        "displayName": "OpenAI",
        "config": {
            "baseURL": "https://api.openai.com/v1",
            "apiKey": {"valueFrom": {"env": "OPENAI_API_KEY"}},
        },
    }
    assert TEMPLATES["simulator"].spec() == {"type": "simulator", "displayName": "Simulator"}
