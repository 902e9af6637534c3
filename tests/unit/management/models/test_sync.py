from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from fakes.api import Asked, api

from reconciler.control.model_sync import MANAGER, Choice, Gone, Synced
from reconciler.control.provider_report import ProviderReport
from reconciler.errors import NotFound
from reconciler.resources.principal import Principal
from reconciler.resources.resource import Resource, ResourceKey


def key(kind: str, name: str) -> ResourceKey:
    return ResourceKey(kind, "default", name)


class FakeSyncing:
    """One Provider, which offers one model, and does not offer another any more."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Sequence[str], Choice]] = []

    def sync(self, namespace: str, providers: Sequence[str], choice: Choice) -> tuple[Synced, ...]:
        self.told.append((namespace, [*providers], choice))
        if "none" in providers:
            raise NotFound("no Provider is called none")
        made = (
            Resource(key("Model", "m"), {"aliases": ["x/m"]}),
            Resource(key("Binding", "m-p"), {"model": "m", "provider": "p", "upstreamModel": "x/m"}),
        )
        return (
            Synced(key("Provider", "p"), 1, made, gone=(Gone(key("Binding", "old"), "o", prunable=True),)),
        )

    def examine(self, provider: ResourceKey, *, chat: bool, model: str | None) -> ProviderReport:
        raise NotImplementedError

    def reset(self, providers: Sequence[ResourceKey], who: Principal) -> int:
        raise NotImplementedError

    def reload(self, who: Principal) -> None:
        raise NotImplementedError


def behind(asked: Asked) -> tuple[Asked, FakeSyncing]:
    fake = FakeSyncing()
    asked.post("/v1/providers", {"id": "p", "type": "simulator"})
    return replace(asked, ports=replace(asked.ports, upstreams=fake)), fake


def test_what_is_found_is_proposed_and_nothing_is_written(tmp_path: Path) -> None:
    with api(tmp_path) as plain:
        asked, fake = behind(plain)
        answer = asked.post("/v1/models/sync?match=x/*,y&prefix=a-&providers=p,q&namespace=default")
        assert answer.status_code == 200
        told = answer.json()
        assert (told["object"], told["applied"], told["data"][0]["provider"]) == ("list", False, "p")
        assert "upstreamModel: x/m" in told["manifests"]
        asked.post("/v1/models/sync/p")
        assert fake.told == [
            ("default", ["p", "q"], Choice(("x/*", "y"), "a-")),
            ("default", ["p"], Choice()),
        ]
        assert asked.get("/v1/models/m").status_code == 404


def test_with_apply_it_is_one_revision(tmp_path: Path) -> None:
    with api(tmp_path) as plain:
        asked, _ = behind(plain)
        rehearsed = asked.post("/v1/models/sync?apply=true&dryRun=true").json()
        assert (rehearsed["dryRun"], rehearsed["changed"], rehearsed["applied"]) == (True, True, False)
        done = asked.post("/v1/models/sync?apply=true")
        assert (done.json()["applied"], asked.get("/v1/models/m").status_code) == (True, 200)
        stored = asked.reader.get(key("Binding", "m-p"))
        assert stored is not None
        assert [each.manager for each in stored.managed_fields] == [MANAGER]


def test_what_can_not_be_asked_is_refused(tmp_path: Path) -> None:
    with api(tmp_path) as plain:
        asked, _ = behind(plain)
        assert asked.post("/v1/models/sync/none").status_code == 404
        assert asked.post(f"/v1/models/sync?prefix={'x' * 101}").status_code == 400
        assert asked.viewer.post("/v1/models/sync").status_code == 403
