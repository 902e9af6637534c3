"""What the config models of all provider types have in common. Apart from `base`, which who only routes imports."""

from pydantic import BaseModel, ConfigDict


class ProviderConfig(BaseModel):
    """Base of every type's config model. Field names are the manifest's own."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
