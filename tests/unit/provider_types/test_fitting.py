from dataclasses import replace
from typing import Any

import pytest
from pydantic import Field, create_model

from reconciler.field_types import SecretField
from reconciler.provider_types.base import ProviderType
from reconciler.provider_types.base_url import BaseURL
from reconciler.provider_types.catalog import OWN
from reconciler.provider_types.config import ProviderConfig
from reconciler.provider_types.fitting import Unfit, check_fits
from reconciler.provider_types.openai_compatible import OPENAI_COMPATIBLE


def row(**changed: Any) -> ProviderType:
    return replace(OPENAI_COMPATIBLE, name="acme", **changed)


def config(**fields: Any) -> type[ProviderConfig]:
    told = {"baseURL": (BaseURL, Field(description="Where.")), **fields}
    return create_model("AcmeConfig", __base__=ProviderConfig, **told)


class Loose(ProviderConfig, extra="allow"):
    """Takes anything."""


def test_each_of_ours_fits() -> None:
    for own in OWN:
        if own.transport == "http":
            assert check_fits(own, own.name, OWN) is own


def test_fields_of_ours_may_be_required_and_described_in_other_words() -> None:
    needed = config(apiKey=(SecretField, Field(description="The key.")))
    fits = row(config=needed, secret_fields=("apiKey",), in_place=())
    assert check_fits(fits, "acme", OWN) is fits


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"transport": "simulator"}, "http alone"),
        ({"config": dict}, "no ProviderConfig"),
        ({"config": 3}, "no ProviderConfig"),
        ({"config": Loose}, "unknown fields"),
        ({"build": None}, "build"),
        ({"config": create_model("None_", __base__=ProviderConfig), "in_place": (), "secret_fields": ()}, "no baseURL"),
        ({"config": config(odd=(int, 3)), "in_place": (), "secret_fields": ()}, "no description of odd"),
        ({"config": config(), "in_place": ()}, "secret_fields"),
        ({"secret_fields": ("apiKey",)}, "apiKey, tls.key"),
        ({"in_place": ("nothing",)}, "in_place names nothing"),
        ({"config": config(timeout=(int, Field(3, description="x"))), "in_place": (), "secret_fields": ()}, "timeout is another"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_does_not_fit_is_told(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(Unfit, match=words):
        check_fits(row(**changed), "acme", OWN)


@pytest.mark.parametrize("name", ["Acme", "-acme", "a--b", "a" * 64, "a b", ""])
def test_names_are_plain(name: str) -> None:
    with pytest.raises(Unfit, match="lower-case"):
        check_fits(replace(row(), name=name), name, OWN)


def test_what_is_no_row_or_has_another_name_is_told() -> None:
    with pytest.raises(Unfit, match="but a dict"):
        check_fits({}, "acme", OWN)
    with pytest.raises(Unfit, match="its entry point is called 'other'"):
        check_fits(row(), "other", OWN)
