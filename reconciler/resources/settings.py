"""kind Settings: one a namespace, always named `default`."""

from typing import Literal

from pydantic import Field

from reconciler.field_types import ClientName, ObjectName
from reconciler.resources.meta import Strict


class SettingsSpec(Strict):
    """What holds for a whole namespace."""

    defaultModel: ClientName | None = Field(
        None,
        description="Name or alias of the Model that serves a request which names none (default: that of the active "
        "provider's Binding with `default: true`).",
    )
    activeProvider: ObjectName | None = Field(
        None,
        description="Name of the Provider that is tried first for every model that a Binding binds to it, whatever the "
        "priorities; the others follow in their order. One that is disabled, or that can't be built, is passed over.",
    )
    unknownModels: Literal["reject", "forward"] = Field(
        "reject",
        description="What becomes of a name that no Model has, and of a Model that no Binding names: `reject` answers "
        "that there is no such model, `forward` sends it to the active provider under its own name. Without an active "
        "provider nothing is forwarded. /v1/models lists Models and their aliases alone.",
    )
