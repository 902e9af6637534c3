"""Who is let in: a part of the Settings of the namespace default."""

from typing import Literal

from pydantic import Field

from reconciler.resources.management_access import ManagementAccess
from reconciler.resources.meta import Strict


class Auth(Strict):
    """Whom the gateway asks for a key."""

    dataPlane: Literal["none", "keys"] | None = Field(
        None,
        description="What LLM clients need: `keys`, a key of an enabled ClientKey, which also says in which namespace their "
        "requests are served; `none` (default), nothing, and no key is looked at.",
    )
    management: ManagementAccess | None = Field(
        None, description="Who is let in at the management listener, beside those with a token."
    )
