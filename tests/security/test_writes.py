"""Principals of the management listener who would have a key that is not theirs: by adopting, by a plan, by a borrowed name."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.api import api
from fakes.workshop import CIPHER, Workshop, remote, secret
from fakes.writing import here, someone, there

from reconciler.api.writes import Adoption, Change
from reconciler.bootstrap.provider_builds import EarlierBuilds
from reconciler.control.imperative.rewriting import Rewrite
from reconciler.control.patch.merge_patch import merge_patch
from reconciler.control.planned.files import digests
from reconciler.errors import Forbidden, RouterctlError
from reconciler.json_types import JsonObject
from reconciler.provider_types.base import Endpoint
from reconciler.resources.principal import Role
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.settings import Reach
from reconciler.snapshot import compile as compiler
from reconciler.snapshot.build import ProviderBuilder
from reconciler.snapshot.compile import EMPTY

FAR = ResourceKey("Provider", "default", "far")
KEYS = ResourceKey("Secret", "default", "keys")
KEY = "sk-canary"
EVIL = "https://evil.example/v1"
TEAM = someone(Role.OPERATOR, "git:team")
FROM_SECRET = {"valueFrom": {"secret": {"name": "keys", "key": "K"}}}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path)
    yield made
    made.close()


def sent(shop: Workshop) -> str:
    """Where a worker that starts now would send what; "" where it sends nothing."""
    builder = ProviderBuilder(Reach(), {}, shop.reader, EarlierBuilds(shop.reader, lambda _: None), CIPHER)
    state = shop.reader.state()
    upstream = compiler.compile(EMPTY, state.items(), state.revision, builder).snapshot.upstreams.get(FAR)
    if upstream is None:
        return ""
    request = upstream.adapter.encode(Endpoint.CHAT, b"{}")
    return f"{request.url} {dict(request.headers).get('authorization')}"


def patch(**config: object) -> Rewrite:
    wanted: JsonObject = {"spec": {"config": config}}  # type: ignore[dict-item]  # JSON
    return lambda target: merge_patch(target, wanted)


def stolen(shop: Workshop) -> bool:
    return "evil" in sent(shop) and KEY in sent(shop)


def given(shop: Workshop, source: str | None, *more: Resource, api_key: object = KEY) -> None:
    """By a source, or (None) by somebody at this machine."""
    shop.write("a.yaml", remote(apiKey=api_key), *more)
    if source is not None:
        shop.apply(source=source)
    else:
        here(shop).apply(replace(shop.wanted(), source=None), None, "")
    assert KEY in sent(shop)


@pytest.mark.parametrize("source", ["acme", None])
def test_case_7_who_adopts_what_holds_a_key_does_not_get_it(shop: Workshop, source: str | None) -> None:
    given(shop, source)
    with pytest.raises(Forbidden, match=r"only an admin takes a sealed value from (git:acme|cli:)"):
        there(shop, TEAM).adopt(Adoption([FAR], shop.wanted(source="team")))
    with suppress(RouterctlError):
        there(shop, TEAM).change(Change("patch", {FAR: patch(baseURL=EVIL)}, manager="git:team"))
    assert not stolen(shop)


@pytest.mark.parametrize("source", ["acme", None])
def test_case_7_nor_who_adopts_a_secret(shop: Workshop, source: str | None) -> None:
    given(shop, source, secret("keys", K=KEY), api_key=FROM_SECRET)
    with pytest.raises(Forbidden, match="only an admin takes a sealed value"):
        there(shop, TEAM).adopt(Adoption([FAR, KEYS], shop.wanted(source="team")))
    there(shop, TEAM).adopt(Adoption([FAR], shop.wanted(source="team")))  # a reference is no value
    there(shop, TEAM).change(Change("patch", {FAR: patch(baseURL=EVIL)}, manager="git:team"))
    assert sent(shop) == ""


def test_case_7_a_borrowed_name_takes_no_key_along(shop: Workshop) -> None:
    """A value that was given at this machine follows the address that a source declares: but not whoever has its name."""
    given(shop, None)
    attacker = there(shop, TEAM)
    with pytest.raises(Forbidden, match="only an admin sends a key of others to another address"):
        attacker.change(Change("patch", {FAR: patch(baseURL=EVIL)}, manager="git:team"))
    attacker.change(Change("patch", {FAR: patch(baseURL=EVIL)}))  # it may, and then nothing is sent
    assert sent(shop) == ""
    attacker.change(Change("patch", {FAR: patch(baseURL=EVIL)}, manager="git:team"))
    shop.write("a.yaml", Resource(FAR, {"type": "openai-compatible"}))
    with suppress(RouterctlError):  # its own name leaves the address to the one that it borrowed
        attacker.apply(replace(shop.wanted(), source=None, manager="api:token:ci", force=True), None, "")
    assert not stolen(shop)


def test_case_7_who_was_lent_a_source_says_where_its_own_providers_are(shop: Workshop) -> None:
    """The other side of it: the key is set here, the address comes from git, by a job that may do nothing else."""
    shop.write("a.yaml", remote())
    there(shop, TEAM).apply(shop.wanted(source="team"), None, "")
    here(shop).change(Change("patch", {FAR: patch(apiKey=KEY)}, sealing=True))
    shop.write("a.yaml", remote(host="b.example"))
    there(shop, TEAM).apply(shop.wanted(source="team"), None, "")
    assert sent(shop) == f"https://b.example/v1/chat/completions Bearer {KEY}"


@pytest.mark.parametrize("source", ["acme", None])
@pytest.mark.parametrize("twice", [False, True])
def test_case_7_a_plan_writes_nothing_in_the_name_of_others(
    shop: Workshop, source: str | None, *, twice: bool
) -> None:
    given(shop, source)
    stored = shop.stored(FAR)
    shop.write("a.yaml", remote(host="evil.example"))
    wanted = shop.wanted(source="team", force=True)
    made = there(shop, TEAM).plan(wanted, None, digests(wanted)).artefact
    (change,) = made.plan.changes
    assert change.after is not None
    spec = json.loads(json.dumps({**stored.resource.spec}))
    spec["config"]["baseURL"] = EVIL
    forged = replace(
        change,
        after=replace(change.after, spec=spec),
        managed_fields=stored.managed_fields * (2 if twice else 1),
        source=stored.source,
        path=stored.path,
    )
    with pytest.raises(Forbidden):
        there(shop, TEAM).apply_plan(replace(made, plan=replace(made.plan, changes=(forged,))), "")
    assert KEY in sent(shop)
    assert not stolen(shop)


def test_case_7_what_is_deleted_is_not_made_again_with_its_key(tmp_path: Path) -> None:
    """By whole resources, by a patch, by a config: each road asks the same."""
    with api(tmp_path) as asked:
        bob = asked.operator
        config = {"baseURL": "https://a.example/v1", "apiKey": KEY}
        asked.post("/v1/providers", {"id": "far", "type": "openai-compatible", "config": config})
        found = asked.spec("Provider", "far")["config"]
        assert isinstance(found, dict)
        assert bob.delete("/v1/providers/far").status_code == 200
        again = {"baseURL": EVIL, "apiKey": found["apiKey"]}
        whole = {
            "apiVersion": "routerctl.dev/v1",
            "kind": "Provider",
            "spec": {"type": "openai-compatible", "config": again},
        }
        assert bob.put("/v1/resources/provider/default/far", whole).status_code == 403
        made = bob.post("/v1/providers", {"id": "far", "type": "openai-compatible", "config": again})
        assert made.status_code == 403
        assert (
            bob.post(
                "/v1/providers", {"id": "far", "type": "openai-compatible", "config": {"baseURL": EVIL}}
            ).status_code
            == 201
        )
        patched = {"spec": {"config": {"apiKey": found["apiKey"]}}}
        merge = "application/merge-patch+json"
        path = "/v1/resources/provider/default/far"
        assert bob.patch(path, json.dumps(patched).encode(), content_type=merge).status_code == 403
        assert bob.put("/v1/providers/far/config", {"config": {"apiKey": found["apiKey"]}}).status_code == 403
        assert bob.patch("/v1/providers/far/config/apiKey", {"value": found["apiKey"]}).status_code == 403
