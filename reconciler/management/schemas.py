"""The schemas that the OpenAPI document refers to: the kinds', and those of the shapes of the seeds."""

import json
from functools import cache

from reconciler.control.manifest.schema import any_schema
from reconciler.json_types import JsonObject
from reconciler.management.models import operations as models
from reconciler.management.providers import operations as providers

_FROM = '"#/$defs/'
_TO = '"#/components/schemas/'


@cache
def _kinds() -> str:
    return json.dumps(any_schema()["$defs"]).replace(_FROM, _TO)


def schemas() -> JsonObject:
    kinds: JsonObject = json.loads(_kinds())
    return {**kinds, **models.SCHEMAS, **providers.SCHEMAS}
