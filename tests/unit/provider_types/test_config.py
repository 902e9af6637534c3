import pytest
from pydantic import ValidationError

from reconciler.provider_types.config import ProviderConfig


def test_configs_take_no_unknown_field() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        ProviderConfig.model_validate({"anything": 1})
