import pytest
from pydantic import ValidationError

from reconciler.resources.settings import Records, SettingsSpec


def test_the_default_model_is_what_a_client_could_ask_for() -> None:
    assert SettingsSpec.model_validate({"defaultModel": "org/model"}).defaultModel == "org/model"
    assert SettingsSpec.model_validate({}).defaultModel is None


def test_the_active_provider_is_a_resources_name() -> None:
    assert SettingsSpec.model_validate({"activeProvider": "ollama_local"}).activeProvider == "ollama_local"
    assert SettingsSpec.model_validate({}).activeProvider is None


def test_requests_are_recorded_and_bodies_are_not_unless_it_says_otherwise() -> None:
    spec = SettingsSpec.model_validate({"retention": "720h", "records": {}})
    assert spec.retention == "720h"
    assert spec.records == Records(requests=True, maxSizeMiB=512, bodies=False, maxBodyKiB=64)
    assert SettingsSpec.model_validate({}).records is None


def test_unknown_models_are_rejected_unless_it_says_otherwise() -> None:
    assert SettingsSpec.model_validate({}).unknownModels == "reject"
    assert SettingsSpec.model_validate({"unknownModels": "forward"}).unknownModels == "forward"


@pytest.mark.parametrize(
    "spec",
    [
        {"defaultModel": ""},
        {"defaultModel": 1},
        {"retention": "0s"},
        {"retention": 7},
        {"records": {"bodies": "yes"}},
        {"records": {"requests": 1}},
        {"records": {"maxSizeMiB": 0}},
        {"records": {"maxBodyKiB": "64"}},
        {"records": {"for": "7d"}},
        {"activeProvider": "org/name"},
        {"activeProvider": 1},
        {"unknownModels": "pass"},
        {"unknownModels": True},
    ],
)
def test_what_is_no_settings(spec: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SettingsSpec.model_validate(spec)
