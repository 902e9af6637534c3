"""kind Settings: one a namespace, always named `default`."""

from typing import Annotated, Literal

from pydantic import Field

from reconciler.field_types import ClientName, ObjectName, Timeout
from reconciler.resources.auth import Auth
from reconciler.resources.cors import Cors
from reconciler.resources.egress import Egress
from reconciler.resources.execution import Execution
from reconciler.resources.health_webhook import HealthWebhook
from reconciler.resources.meta import Strict

Mebibytes = Annotated[int, Field(strict=True, ge=1, le=1_048_576)]
Kibibytes = Annotated[int, Field(strict=True, ge=1, le=32_768)]


class Records(Strict):
    """What of each request is written to the traffic records, which `requests`, `stats` and `top` read."""

    requests: bool = Field(
        True,
        description="Write a record of each request: who served it, how it ended, how long it took, its tokens and cost.",
        strict=True,
    )
    maxSizeMiB: Mebibytes = Field(
        512, description="How large the records' file may get, in MiB: beyond that the oldest records go."
    )
    bodies: bool = Field(
        False,
        description="Keep what clients sent and what they were answered, too. Known credentials are masked; all else in "
        "prompts and answers is kept as it is.",
        strict=True,
    )
    maxBodyKiB: Kibibytes = Field(
        64, description="With `bodies`: so much of a request, and of its answer, in KiB; the rest is cut off."
    )


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
        "priorities; the others follow in their order. One that is disabled, or that can't be built, is passed over. What a "
        "Route decides goes by its targets.",
    )
    unknownModels: Literal["reject", "forward"] = Field(
        "reject",
        description="What becomes of a name that no Model has, and of a Model that no Binding names: `reject` answers "
        "that there is no such model, `forward` sends it to the active provider under its own name. Without an active "
        "provider nothing is forwarded. /v1/models lists Models and their aliases alone.",
    )
    execution: Execution | None = Field(
        None,
        description="What holds for requests where neither a Route nor a Provider says anything else.",
    )
    retention: Timeout | None = Field(
        None,
        description="How long traffic records are kept (default: 168h, a week). In the namespace default alone: it "
        "counts for the whole gateway.",
    )
    records: Records | None = Field(
        None,
        description="What is written to the traffic records. In the namespace default alone: it counts for the whole "
        "gateway.",
    )
    auth: Auth | None = Field(
        None,
        description="Who is let in. In the namespace default alone: it counts for the whole gateway.",
    )
    egress: Egress | None = Field(
        None,
        description="Which hosts, networks and ports Providers may use. In the namespace default alone: it counts for the "
        "whole gateway.",
    )
    cors: Cors | None = Field(
        None,
        description="Which web pages may use the gateway from a browser. In the namespace default alone: it counts for the "
        "whole gateway, from the next request on.",
    )
    healthWebhook: HealthWebhook | None = Field(
        None,
        description="Who is told when a provider fails, or is well again. In the namespace default alone: it counts for the "
        "whole gateway.",
    )
