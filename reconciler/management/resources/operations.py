"""What the routes of whole resources, revisions and export do, for the OpenAPI document."""

from reconciler.json_types import JsonObject
from reconciler.listener.access import Parameter
from reconciler.management.rest import bodies, pages, parameters
from reconciler.management.rest.operations import (
    NUMBER,
    OBJECT,
    TEXT,
    TEXT_OR_NULL,
    YES_NO,
    reading,
    shape,
    writing,
)
from reconciler.resources.kinds import KINDS

GROUP = "Resources"
HISTORY = "History"
_KIND = Parameter(
    "kind", "A kind, its plural or short name; in a list also several between commas.", place="path"
)
_NAMES = (
    _KIND,
    Parameter("namespace", "Its namespace.", place="path"),
    Parameter("name", "Its name.", place="path"),
)
_KINDS: JsonObject = {"oneOf": [{"$ref": f"#/components/schemas/{kind}"} for kind in KINDS]}
_STORED = shape(
    {"apiVersion": TEXT, "kind": TEXT, "metadata": OBJECT, "spec": OBJECT, "revision": NUMBER},
    required=("apiVersion", "kind", "metadata", "spec"),
)
_CASCADE = Parameter(
    "cascade", "Delete the Bindings that name it as well, and let it be the active provider no more.", YES_NO
)
_MANAGED = Parameter("managedFields", "Say as well who manages which fields.", YES_NO)
_GIVEN = tuple(each for each in parameters.WRITING if each.name != parameters.NAMESPACE.name)

LIST = reading(
    "listResources",
    "Resources as they are stored, by kind, namespace and name.",
    GROUP,
    shape(
        {"items": {"type": "array", "items": _STORED}, "total": NUMBER, "continue": TEXT},
        required=("items", "total"),
    ),
    given=(
        Parameter("kind", "Kinds, plurals or short names between commas; all where it is not said."),
        Parameter("namespace", "The namespace that is meant; all where it is not said."),
        _MANAGED,
        pages.LABELS,
        *pages.PAGING,
    ),
)
GET = reading("getResource", "One, as it is stored.", GROUP, _STORED, given=(*_NAMES, _MANAGED))
PUT = writing(
    "putResource",
    "The resource becomes what is sent; one that is not there is made. A resourceVersion in it has to be the stored one.",
    GROUP,
    _STORED,
    body=_KINDS,
    takes=(bodies.JSON, bodies.YAML),
    given=_NAMES,
    status=201,
    told="Made; 200 where it was there.",
)
PATCH = writing(
    "patchResource",
    "A JSON Merge Patch (null removes a field), or a JSON Patch (a list of operations).",
    GROUP,
    _STORED,
    body={"type": ["object", "array"]},
    takes=(bodies.MERGE_PATCH, bodies.JSON_PATCH, bodies.JSON),
    given=_NAMES,
)
DELETE = writing(
    "deleteResource",
    "Delete it. Refused while something names it, unless cascade says what is to become of that.",
    GROUP,
    shape({"id": TEXT, "deleted": YES_NO}),
    given=(*_NAMES, _CASCADE),
)

_REVISION = shape(
    {
        "number": NUMBER,
        "parent": NUMBER,
        "time": TEXT,
        "actor": TEXT,
        "operation": TEXT,
        "source": TEXT_OR_NULL,
        "commit": TEXT_OR_NULL,
        "dirty": YES_NO,
        "message": TEXT,
        "digest": TEXT,
    }
)
_NUMBER = Parameter("number", "The revision's number, or head.", place="path")
REVISIONS = reading(
    "listRevisions",
    "Revisions, the newest first.",
    HISTORY,
    shape({"revisions": {"type": "array", "items": _REVISION}, "continue": TEXT}, required=("revisions",)),
    given=(
        Parameter("namespace", "Only those that changed something there."),
        Parameter("author", "Only this one's."),
        Parameter("source", "Only of this source."),
        *pages.PAGING,
    ),
)
REVISION = reading(
    "getRevision",
    "One, with the resources that it changed.",
    HISTORY,
    shape({**_REVISION["properties"], "events": {"type": "array", "items": OBJECT}}),  # type: ignore[dict-item]  # its own
    given=(_NUMBER,),
)
DIFF = reading(
    "diffRevision",
    "Every field that a revision changed, old and new; or what differs from another revision to it.",
    HISTORY,
    shape({"from": NUMBER, "to": NUMBER, "changes": {"type": "array", "items": OBJECT}}),
    given=(_NUMBER, Parameter("from", "Compare with this revision, not with the one before.", NUMBER)),
)
EXPORT = reading(
    "export",
    "Manifests that apply to no change. Sealed values are named, never shown.",
    HISTORY,
    TEXT,
    given=(
        Parameter("namespace", "The namespace that is meant; all where it is not said."),
        Parameter("kind", "Kinds, plurals or short names between commas; all where it is not said."),
        Parameter("revision", "The state of this revision.", NUMBER),
    ),
    media=bodies.YAML,
)
