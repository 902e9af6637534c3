"""What the routes below /v1/models do, for the OpenAPI document."""

from reconciler.json_types import JsonObject
from reconciler.listener.access import Parameter
from reconciler.management.rest import pages, parameters
from reconciler.management.rest.operations import (
    MILLISECONDS,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    YES_NO,
    reading,
    shape,
    writing,
)

GROUP = "Models"
_TEXTS: JsonObject = {"type": "object", "additionalProperties": TEXT}
_LIST: JsonObject = {"type": "array", "items": TEXT}
_CASCADE = Parameter("cascade", "Delete the Bindings that name it as well.", YES_NO)

MODEL = shape(
    {
        "id": TEXT,
        "object": {"const": "model"},
        "created": {"type": "integer", "description": "Seconds since the epoch, as OpenAI has it."},
        "owned_by": {"type": "string", "description": "The Provider that is asked first."},
        "name": TEXT,
        "description": TEXT_OR_NULL,
        "capabilities": _LIST,
        "aliases": _LIST,
        "contextWindow": NUMBER,
        "maxOutputTokens": NUMBER,
        "pricing": {"type": "object"},
        "labels": _TEXTS,
        "created_at": MILLISECONDS,
        "updated_at": MILLISECONDS,
        "revision": NUMBER,
    },
    required=(
        "id",
        "object",
        "created",
        "owned_by",
        "name",
        "description",
        "capabilities",
        "created_at",
        "updated_at",
    ),
)
_SENT: dict[str, JsonObject] = {
    "name": TEXT_OR_NULL,
    "description": TEXT_OR_NULL,
    "capabilities": {**_LIST, "type": ["array", "null"]},
    "aliases": {**_LIST, "type": ["array", "null"]},
    "contextWindow": {"type": ["integer", "null"]},
    "maxOutputTokens": {"type": ["integer", "null"]},
    "pricing": {"type": ["object", "null"]},
    "labels": {**_TEXTS, "type": ["object", "null"]},
}
_REFERENCE: JsonObject = {"$ref": "#/components/schemas/SeedModel"}

LIST = reading(
    "listModels",
    "The Models of a namespace, by name: the list that OpenAI's clients read, with more in it.",
    GROUP,
    shape(
        {
            "object": {"const": "list"},
            "data": {"type": "array", "items": _REFERENCE},
            "total": NUMBER,
            "continue": TEXT,
        },
        required=("object", "data", "total"),
    ),
    given=(
        parameters.NAMESPACE,
        Parameter("capability", "Only those that tell this one."),
        pages.LABELS,
        *pages.PAGING,
    ),
)
GET = reading("getModel", "One, by its name or an alias, which may hold slashes.", GROUP, _REFERENCE)
CREATE = writing(
    "createModel",
    "Make one. Where no resource can have the id as its name (qwen/qwen3), it gets one that is like it, and the id as an alias.",
    GROUP,
    _REFERENCE,
    body=shape({"id": TEXT, **_SENT}, required=("id",)),
    status=201,
)
PUT = writing(
    "putModel",
    "The same as PATCH: change what is sent; null takes it away.",
    GROUP,
    _REFERENCE,
    body=shape(_SENT, required=()),
)
UPDATE = writing(
    "updateModel",
    "Change what is sent; null takes it away.",
    GROUP,
    _REFERENCE,
    body=shape(_SENT, required=()),
)
DELETE = writing(
    "deleteModel",
    "Delete it. Refused while something names it, unless cascade says that Bindings go as well.",
    GROUP,
    shape({"id": TEXT, "deleted": YES_NO, "revision": NUMBER}, required=("id", "deleted")),
    given=(_CASCADE,),
)

SCHEMAS: JsonObject = {"SeedModel": MODEL}
