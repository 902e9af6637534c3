import pytest
from pydantic import ValidationError

from reconciler.resources.settings import SettingsSpec


def test_the_default_model_is_what_a_client_could_ask_for() -> None:
    assert SettingsSpec.model_validate({"defaultModel": "org/model"}).defaultModel == "org/model"
    assert SettingsSpec.model_validate({}).defaultModel is None


@pytest.mark.parametrize("spec", [{"defaultModel": ""}, {"defaultModel": 1}, {"retention": "1h"}])
def test_what_is_no_settings(spec: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SettingsSpec.model_validate(spec)
