"""kind Settings: one a namespace, always named `default`."""

from pydantic import Field

from reconciler.field_types import ClientName
from reconciler.resources.meta import Strict


class SettingsSpec(Strict):
    """What holds for a whole namespace."""

    defaultModel: ClientName | None = Field(
        None, description="Name or alias of the Model that serves a request which names none."
    )
