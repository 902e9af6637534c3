from dataclasses import replace

import pytest

from reconciler.control.foreign_secrets import check_kept, check_sealed
from reconciler.control.plan.model import Action, Change
from reconciler.errors import Forbidden
from reconciler.json_types import JsonObject
from reconciler.resources.principal import Principal, Role
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource

FAR = ResourceKey("Provider", "default", "far")
KEYS = ResourceKey("Secret", "default", "keys")
WHO = Principal("token:ci", Role.OPERATOR, frozenset({"git:team"}))
ADMIN = replace(WHO, role=Role.ADMIN)
OWN = WHO.own_manager
ADA = "cli:ada"
KEY: JsonObject = {"f:apiKey": {}}
ADDRESS: JsonObject = {"f:baseURL": {}}


def by(name: str, fields: JsonObject) -> FieldManager:
    return FieldManager(name, "Apply", {"f:spec": {"f:config": fields}}, "2026-01-01T00:00:00Z")


def far(host: str = "a.example", key: JsonObject | None = None) -> Resource:
    config: JsonObject = {"baseURL": f"https://{host}/v1", "apiKey": key or {"sealed": "v-1"}}
    return Resource(FAR, {"type": "openai-compatible", "config": config})


def edit(before: list[FieldManager], after: list[FieldManager], becomes: Resource | None = None) -> Change:
    stored = StoredResource(far(), "u", 1, 1, "2026-01-01T00:00:00Z", 1, tuple(before))
    return Change(Action.UPDATE, FAR, stored, becomes or far(), tuple(after))


CONFIG: JsonObject = {"baseURL": "https://a.example/v1", "apiKey": {"sealed": "v-1"}}
WHOLE: JsonObject = {**KEY, **ADDRESS}
EVIL = far("evil.example")
REFUSED = {
    "taken by adopting": edit([by(ADA, WHOLE)], [by("git:team", WHOLE)]),
    "taken from one of two": edit([by(ADA, WHOLE), by(OWN, KEY)], [by(OWN, WHOLE)]),
    "moved by a borrowed name": edit([by(ADA, WHOLE)], [by(ADA, KEY), by("git:team", ADDRESS)], EVIL),
    "moved in a shared name": edit(
        [by(ADA, WHOLE), by("git:team", ADDRESS)], [by(ADA, KEY), by("git:team", ADDRESS)], EVIL
    ),
    "let go again": edit(
        [by(ADA, KEY), by(OWN, ADDRESS), by("git:team", ADDRESS)], [by(ADA, KEY), by("git:team", ADDRESS)]
    ),
    "to whom somebody else's tls says": edit(
        [by(ADA, {**KEY, "f:tls": {}}), by("git:team", ADDRESS)],
        [by(ADA, KEY), by("git:team", {**ADDRESS, "f:tls": {}})],
        Resource(
            FAR, {"type": "openai-compatible", "config": {**CONFIG, "tls": {"insecureSkipVerify": True}}}
        ),
    ),
    "of nobody": edit([by(OWN, ADDRESS)], [by("git:team", ADDRESS)], EVIL),
}
ALLOWED = {
    "its own": edit([by(OWN, WHOLE)], [by(OWN, WHOLE)], EVIL),
    "its source's address": edit(
        [by(ADA, KEY), by("git:team", ADDRESS)], [by(ADA, KEY), by("git:team", ADDRESS)], EVIL
    ),
    "does not come along": edit([by(ADA, WHOLE)], [by(ADA, KEY), by(OWN, ADDRESS)], EVIL),
    "another value": edit([by(ADA, WHOLE)], [by(OWN, WHOLE)], far("evil.example", {"sealed": "v-2"})),
    "a reference": edit([by(ADA, WHOLE)], [by(OWN, WHOLE)], far(key={"valueFrom": {"env": "A_TOKEN"}})),
    "beside it": edit([by(ADA, WHOLE)], [by(ADA, WHOLE), by(OWN, ADDRESS)]),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_value_of_others_stays_theirs_and_where_it_goes(what: str) -> None:
    with pytest.raises(Forbidden, match="only an admin"):
        check_kept(WHO, [REFUSED[what]])
    check_kept(ADMIN, [REFUSED[what]])


@pytest.mark.parametrize("what", ALLOWED)
def test_all_else_is_as_before(what: str) -> None:
    check_kept(WHO, [ALLOWED[what]])


def test_what_is_made_or_deleted_keeps_nothing() -> None:
    change = ALLOWED["its own"]
    check_kept(WHO, [replace(change, before=None), replace(change, after=None)])


def test_the_values_of_a_secret_are_kept_as_well() -> None:
    resource = Resource(KEYS, {"data": {"K": {"sealed": "v-1"}}})
    fields: JsonObject = {"f:spec": {"f:data": {"f:K": {}}}}
    theirs, own = (FieldManager(name, "Apply", fields, "2026-01-01T00:00:00Z") for name in (ADA, OWN))
    stored = StoredResource(resource, "u", 1, 1, "2026-01-01T00:00:00Z", 1, (theirs,))
    with pytest.raises(Forbidden, match=r"takes a sealed value from cli:ada: Secret/keys spec\.data\.K"):
        check_kept(WHO, [Change(Action.UPDATE, KEYS, stored, resource, (own,))])
    check_kept(WHO, [Change(Action.UPDATE, KEYS, stored, resource, (theirs, own))])


def test_only_an_admin_brings_back_what_was_sealed_before() -> None:
    made = replace(ALLOWED["its own"], before=None)
    with pytest.raises(Forbidden, match=r"brings back a sealed value: Provider/far spec\.config\.apiKey"):
        check_sealed(WHO, [made], ())
    check_sealed(WHO, [made], {"v-1"})
    check_sealed(ADMIN, [made], ())
    check_sealed(WHO, [ALLOWED["its own"], replace(made, after=None)], ())
