"""What the routes below /v1/settings do, for the OpenAPI document."""

from reconciler.json_types import JsonObject
from reconciler.management.rest.operations import MILLISECONDS, OBJECT, TEXT, YES_NO, reading, shape, writing

GROUP = "Settings"
_VALUE: JsonObject = {"description": "Of the type that the field has."}
_ONE = shape({"key": TEXT, "value": _VALUE, "updated_at": {**MILLISECONDS, "type": ["integer", "null"]}})
_ALL = shape({"settings": OBJECT})

LIST = reading("listSettings", "All that have a value, by key.", GROUP, _ALL)
GET = reading(
    "getSetting",
    "One. A key of the seeds, such as active_provider, or a field's path, such as retention.",
    GROUP,
    _ONE,
)
PUT = writing("putSetting", "Set one.", GROUP, _ONE, body=shape({"value": _VALUE}, more=False))
DELETE = writing("deleteSetting", "Take one away.", GROUP, shape({"key": TEXT, "deleted": YES_NO}))
BULK = writing(
    "bulkSettings",
    "Set several at once, as one revision; null takes one away.",
    GROUP,
    _ALL,
    body=shape({"settings": OBJECT}, required=()),
)
