import json
from dataclasses import replace

import pytest
import rfc8785
from fakes.store import provider

from reconciler.errors import StoreError
from reconciler.resources.resource import FieldManager, Resource, ResourceKey
from reconciler.store import codec
from reconciler.store.canonical import sha256
from reconciler.store.records import Event, Revision

_MANAGER = FieldManager("git:acme", "Apply", {"f:spec": {"f:type": {}}}, "2026-01-01T00:00:00Z")
_REVISION = Revision(
    number=2,
    parent=1,
    time="t",
    actor="ada",
    source=None,
    commit=None,
    dirty=False,
    message="m",
    operation="apply",
    digest="",
)
_EVENT = Event(7, 2, "ADDED", ResourceKey("Provider", "default", "a"), None, "sha256:1")


def test_a_resource_comes_back_as_it_was_stored() -> None:
    resource = replace(
        provider(
            "a", namespace="team", labels={"tier": "gold"}, text="ä\U0001f600", headers={"b": "1", "a": None}
        ),
        annotations={"note": "x"},
    )
    assert codec.decode(resource.key, codec.encode(resource).body) == resource


def test_the_digest_is_over_what_people_write() -> None:
    resource = provider("a", labels={"tier": "gold"}, latency=5)
    content = {
        "apiVersion": "routerctl.dev/v1",
        "kind": "Provider",
        "metadata": {"name": "a", "namespace": "default", "labels": {"tier": "gold"}, "annotations": {}},
        "spec": {"type": "simulator", "latency": 5},
    }
    assert codec.digest(resource) == sha256(rfc8785.dumps(content))  # type: ignore[arg-type]  # its alias is invariant


@pytest.mark.parametrize(
    "other",
    [
        Resource(ResourceKey("Model", "default", "a"), {"x": 1}),
        Resource(ResourceKey("Provider", "team", "a"), {"x": 1}),
        Resource(ResourceKey("Provider", "default", "b"), {"x": 1}),
        Resource(ResourceKey("Provider", "default", "a"), {"x": True}),
        Resource(ResourceKey("Provider", "default", "a"), {"x": 1}, {"l": ""}),
        Resource(ResourceKey("Provider", "default", "a"), {"x": 1}, {}, {"l": ""}),
    ],
)
def test_whatever_differs_changes_the_digest(other: Resource) -> None:
    assert codec.digest(other) != codec.digest(Resource(ResourceKey("Provider", "default", "a"), {"x": 1}))


def test_managers_come_back_as_they_were_stored() -> None:
    of_status = replace(_MANAGER, subresource="status")
    text = codec.encode_managers([_MANAGER, of_status])
    assert codec.decode_managers(_EVENT.key, text) == (_MANAGER, of_status)
    assert not codec.same_managers([_MANAGER], [of_status])


def test_managers_are_the_same_whenever_they_last_changed() -> None:
    later = replace(_MANAGER, time="2027-01-01T00:00:00Z")
    assert codec.same_managers([_MANAGER], [later])
    assert not codec.same_managers([_MANAGER], [replace(later, fields={})])
    assert not codec.same_managers([_MANAGER], [])


@pytest.mark.parametrize("body", ["", "{", "{}", "[]", '{"spec": {}}', "1"])
def test_an_unreadable_row_is_named_and_its_text_is_not_shown(body: str) -> None:
    with pytest.raises(StoreError, match=r"row of Provider/a can't be read"):
        codec.decode(_EVENT.key, body)


BODY = '{"annotations":{},"labels":{},"spec":{"n":%d}}'


def row(number: int, body: str) -> codec.StoredRow:
    return ("Model", "default", f"m{number}", "uid", 1, number, "t", 1, "[]", None, None, body)


def test_rows_come_back_in_their_order_however_many_are_read_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(codec, "_TOGETHER", 3)
    rows = [row(number, BODY % number) for number in range(8)]
    found = list(codec.Decoder().stored_resources(rows))
    assert [(each.key.name, each.resource.spec) for each in found] == [
        (f"m{number}", {"n": number}) for number in range(8)
    ]
    assert list(codec.Decoder().stored_resources([])) == []


def test_what_rows_have_alike_is_there_once() -> None:
    written = (
        "Model",
        "default",
        "m",
        "uid",
        1,
        1,
        "2026-01-01T00:00:00Z",
        1,
        "[]",
        "git:a",
        "a/b.yaml",
        BODY % 0,
    )
    rows = [json.loads(json.dumps(written)) for _ in range(2)]
    assert rows[0][9] is not rows[1][9]
    one, other = codec.Decoder().stored_resources(rows)
    assert (one.key.kind is other.key.kind, one.key.namespace is other.key.namespace) == (True, True)
    assert (one.source is other.source, one.path is other.path) == (True, True)
    assert one.creation_timestamp is other.creation_timestamp
    assert one.managed_fields is other.managed_fields


@pytest.mark.parametrize(
    "body", ["", "{", "1", "[]", f"{BODY % 1},{BODY % 2}", f"{BODY % 1},1,{BODY % 2}", "]"]
)
def test_of_rows_that_are_read_together_the_one_that_can_not_be_is_named(body: str) -> None:
    found = codec.Decoder().stored_resources([row(0, BODY % 0), row(1, body), row(2, BODY % 2)])
    assert next(found).key.name == "m0"
    with pytest.raises(StoreError, match=r"row of Model/m1 can't be read"):
        next(found)


@pytest.mark.parametrize("text", ["", "[1]", '[{"manager": "x"}]', "1"])
def test_unreadable_managers_are_an_error_of_their_row(text: str) -> None:
    with pytest.raises(StoreError, match="Provider/a"):
        codec.decode_managers(_EVENT.key, text)


@pytest.mark.parametrize(
    ("spec", "same"),
    [
        ({"a": 1}, True),
        ({"a": True}, False),
        ({"spec": {"a": 1}}, False),
        ({'x","spec': {"a": 1}}, False),
        ({'x\\"spec': {"a": 1}}, False),
        ({}, False),
    ],
)
def test_a_body_holds_its_own_spec_and_no_other(spec: dict[str, object], same: bool) -> None:
    stored = codec.encode(provider("a"))
    body = codec.encode(replace(provider("a"), spec=spec)).body  # type: ignore[arg-type]  # literals of JSON
    assert codec.holds_spec(body, '{"a":1}') is same
    assert codec.holds_spec(stored.body, stored.spec)


def test_a_revisions_digest_is_over_all_that_it_says() -> None:
    content = {
        "parent": "sha256:0",
        "number": 2,
        "time": "t",
        "actor": "ada",
        "source": None,
        "commit": None,
        "dirty": False,
        "operation": "apply",
        "message": "m",
        "changes": [[["Provider", "default", "a"], None, "sha256:1"]],
    }
    expected = sha256(rfc8785.dumps(content))  # type: ignore[arg-type]  # its alias is invariant
    assert codec.revision_digest(_REVISION, "sha256:0", [_EVENT]) == expected


@pytest.mark.parametrize(
    "other",
    [
        replace(_REVISION, number=3),
        replace(_REVISION, time="u"),
        replace(_REVISION, actor="bob"),
        replace(_REVISION, source="s"),
        replace(_REVISION, commit="c"),
        replace(_REVISION, dirty=True),
        replace(_REVISION, message="n"),
        replace(_REVISION, operation="rollback"),
    ],
)
def test_whatever_a_revision_says_changes_its_digest(other: Revision) -> None:
    assert codec.revision_digest(other, None, [_EVENT]) != codec.revision_digest(_REVISION, None, [_EVENT])


def test_the_parent_and_the_changes_are_in_the_digest() -> None:
    own = codec.revision_digest(_REVISION, None, [_EVENT])
    assert codec.revision_digest(_REVISION, "sha256:0", [_EVENT]) != own
    assert codec.revision_digest(_REVISION, None, []) != own


def test_finalizers_and_the_mark_are_in_the_digest_where_there_are_any() -> None:
    marked = replace(provider("a"), finalizers=("x.y/b", "z"), deletion_timestamp="2026-01-01T00:00:00Z")
    content = {
        "apiVersion": "routerctl.dev/v1",
        "kind": "Provider",
        "metadata": {
            "name": "a",
            "namespace": "default",
            "labels": {},
            "annotations": {},
            "finalizers": ["x.y/b", "z"],
            "deletionTimestamp": "2026-01-01T00:00:00Z",
        },
        "spec": {"type": "simulator"},
    }
    encoded = codec.encode(marked)
    assert encoded.digest == sha256(rfc8785.dumps(content))  # type: ignore[arg-type]  # its alias is invariant
    assert codec.decode(marked.key, encoded.body) == marked
    assert codec.holds_spec(encoded.body, encoded.spec)
    assert "finalizers" not in codec.encode(provider("a")).body
