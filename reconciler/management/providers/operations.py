"""What the routes below /v1/providers do, for the OpenAPI document."""

from reconciler.json_types import JsonObject
from reconciler.listener.access import Parameter
from reconciler.management.rest import pages, parameters
from reconciler.management.rest.operations import (
    MILLISECONDS,
    NUMBER,
    OBJECT,
    TEXT,
    TEXT_OR_NULL,
    YES_NO,
    listing,
    reading,
    shape,
    writing,
)

GROUP = "Providers"
_CASCADE = Parameter(
    "cascade", "Delete the Bindings that name it as well, and let it be the active provider no more.", YES_NO
)
_TEXTS: JsonObject = {"type": "object", "additionalProperties": TEXT}

_TOLD: dict[str, JsonObject] = {
    "id": {"type": "string", "description": "Its name in manifests and commands."},
    "name": {"type": "string", "description": "Its name for people; unique in its namespace."},
    "type": {"type": "string", "description": "How it is spoken to."},
    "enabled": YES_NO,
    "priority": {"type": "integer", "description": "Higher is tried first."},
    "description": TEXT_OR_NULL,
    "created_at": MILLISECONDS,
    "updated_at": MILLISECONDS,
}
PROVIDER = shape({**_TOLD, "labels": _TEXTS, "revision": NUMBER}, required=[*_TOLD])
CONFIG: JsonObject = {
    "type": "object",
    "description": "As its type has it (docs/reference/kinds.md); secrets are masked. defaultModel stands for its default Binding.",
}
WHOLE = shape(
    {
        **_TOLD,
        "labels": _TEXTS,
        "config": CONFIG,
        "models": {"type": "array", "items": {"$ref": "#/components/schemas/ServedModel"}},
    },
    required=[*_TOLD, "config", "models"],
)
SERVED = shape(
    {
        "id": TEXT,
        "name": TEXT,
        "description": TEXT_OR_NULL,
        "capabilities": {"type": "array", "items": TEXT},
        "is_default": YES_NO,
        "upstream_model": TEXT_OR_NULL,
        "enabled": YES_NO,
        "created_at": MILLISECONDS,
    }
)
_SENT: dict[str, JsonObject] = {
    "name": TEXT_OR_NULL,
    "enabled": {"type": ["boolean", "null"]},
    "priority": {"type": ["integer", "null"]},
    "description": TEXT_OR_NULL,
    "config": {**CONFIG, "type": ["object", "null"]},
    "labels": {**_TEXTS, "type": ["object", "null"]},
}
_BODY = shape({"type": {"type": ["string", "null"]}, **_SENT}, required=())

LIST = reading(
    "listProviders",
    "The Providers of a namespace, by name.",
    GROUP,
    listing("providers", {"$ref": "#/components/schemas/SeedProvider"}),
    given=(
        parameters.NAMESPACE,
        Parameter("type", "Only of this type."),
        Parameter("enabled", "Only those that are, or are not.", YES_NO),
        pages.LABELS,
        *pages.PAGING,
    ),
)
GET = reading("getProvider", "One, with its config and the Models that it serves.", GROUP, WHOLE)
CREATE = writing(
    "createProvider",
    "Make one.",
    GROUP,
    PROVIDER,
    body=shape({"id": TEXT, "type": TEXT, **_SENT}, required=("id", "type")),
    status=201,
)
PUT = writing(
    "putProvider",
    "The same as PATCH: change what is sent; null takes it away.",
    GROUP,
    PROVIDER,
    body=_BODY,
)
UPDATE = writing("updateProvider", "Change what is sent; null takes it away.", GROUP, PROVIDER, body=_BODY)
_GONE = shape({"id": TEXT, "deleted": YES_NO, "revision": NUMBER}, required=("id", "deleted"))
DELETE = writing(
    "deleteProvider",
    "Delete it. Refused while something names it, unless cascade says what is to become of that.",
    GROUP,
    _GONE,
    given=(_CASCADE,),
)
ENABLE = writing("enableProvider", "Let it serve requests.", GROUP, PROVIDER)
DISABLE = writing(
    "disableProvider", "Let it serve no more requests; what is under way ends as it began.", GROUP, PROVIDER
)
RELOAD = reading(
    "reloadProvider",
    "Forget what failed at it, in every worker. Workers follow the store by themselves; where one can't build this Provider, "
    "all are replaced, one after the other, so that files and variables are read anew.",
    GROUP,
    shape({"id": TEXT, "reloaded": YES_NO, "workers": NUMBER, "replacing": YES_NO}),
)
RESET = reading(
    "resetProvider",
    "Close its circuits, and forget what failed there and what probes found.",
    GROUP,
    shape({"id": TEXT, "workers": NUMBER}),
)
TEST = reading(
    "testProvider",
    "Ask the upstream: is it there, does it take the key, which models has it; with chat, does one answer (that costs some "
    "tokens). What is wrong there is told in the answer.",
    GROUP,
    shape({"id": TEXT, "healthy": YES_NO, "checks": {"type": "array", "items": OBJECT}}),
    given=(
        parameters.NAMESPACE,
        Parameter("chat", "Have a model answer, too.", YES_NO),
        Parameter("model", "Which one, by the upstream's name of it."),
    ),
)

GET_CONFIG = reading(
    "getProviderConfig",
    "Its config. Secrets are masked.",
    GROUP,
    shape({"provider_id": TEXT, "config": CONFIG}),
)
PUT_CONFIG = writing(
    "putProviderConfig",
    "Set several keys; null takes one away, and what is not sent stays. The mask of a secret keeps what is stored.",
    GROUP,
    shape({"provider_id": TEXT, "config": CONFIG, "updated_at": MILLISECONDS}),
    body=shape({"config": OBJECT}, required=()),
)
_KEY = shape({"key": TEXT, "value": {}, "updated_at": MILLISECONDS})
PATCH_CONFIG = writing(
    "patchProviderConfig", "Set one key.", GROUP, _KEY, body=shape({"value": {}}, more=False)
)
DELETE_CONFIG = writing(
    "deleteProviderConfig", "Take one key away.", GROUP, shape({"key": TEXT, "deleted": YES_NO})
)

LIST_SERVED = reading(
    "listProviderModels",
    "The Models that it serves.",
    GROUP,
    shape(
        {
            "provider_id": TEXT,
            "models": {"type": "array", "items": {"$ref": "#/components/schemas/ServedModel"}},
        }
    ),
)
_LINKED = shape(
    {
        "provider_id": TEXT,
        "model_id": TEXT,
        "is_default": YES_NO,
        "created_at": MILLISECONDS,
        "revision": NUMBER,
    },
    required=("provider_id", "model_id", "is_default", "created_at"),
)
LINK = writing(
    "linkProviderModel",
    "Let it serve a Model: makes a Binding.",
    GROUP,
    _LINKED,
    body=shape(
        {
            "model_id": TEXT,
            "is_default": {"type": ["boolean", "null"]},
            "upstream_model": {"type": ["string", "null"], "description": "What the provider calls it."},
            "priority": {"type": ["integer", "null"]},
            "weight": {"type": ["integer", "null"]},
            "config": {
                "type": ["object", "null"],
                "description": "defaults, overrides, drop, headers of the Binding.",
            },
        },
        required=("model_id",),
        more=False,
    ),
    status=201,
)
UNLINK = writing(
    "unlinkProviderModel",
    "Let it serve a Model no more: deletes the Binding.",
    GROUP,
    shape({"provider_id": TEXT, "model_id": TEXT, "deleted": YES_NO}),
)
SET_DEFAULT = writing("setDefaultModel", "Make a Model that it serves its default.", GROUP, _LINKED)

SCHEMAS: JsonObject = {"SeedProvider": PROVIDER, "ServedModel": SERVED}
