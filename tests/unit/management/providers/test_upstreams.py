from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from fakes.api import Asked, api

from reconciler.control.model_sync import Choice, Synced
from reconciler.control.provider_report import BUILT, Checked, ProviderReport
from reconciler.resources.principal import Principal
from reconciler.resources.resource import ResourceKey


@dataclass
class FakeUpstreams:
    told: list[object] = field(default_factory=list)

    def examine(self, provider: ResourceKey, *, chat: bool, model: str | None) -> ProviderReport:
        self.told.append((provider.name, chat, model))
        return ProviderReport(provider, "simulator", True, (Checked(BUILT, "failed", "no key"),))

    def sync(self, namespace: str, providers: Sequence[str], choice: Choice) -> tuple[Synced, ...]:
        raise NotImplementedError

    def reset(self, providers: Sequence[ResourceKey], who: Principal) -> int:
        self.told.append(("reset", *(key.name for key in providers), who.name))
        return 2

    def reload(self, who: Principal) -> None:
        self.told.append(("reload", who.name))


@contextmanager
def there(folder: Path) -> Iterator[tuple[Asked, FakeUpstreams]]:
    with api(folder) as asked:
        fake = FakeUpstreams()
        asked.post("/v1/providers", {"id": "p", "type": "simulator"})
        yield replace(asked, ports=replace(asked.ports, upstreams=fake)), fake


def test_a_provider_is_asked(tmp_path: Path) -> None:
    with there(tmp_path) as (asked, fake):
        answer = asked.post("/v1/providers/p/test")
        assert (answer.status_code, answer.json()["healthy"]) == (200, False)
        assert answer.json()["checks"][0]["message"] == "no key"
        asked.post("/v1/providers/p/test?chat=true")
        asked.post("/v1/providers/p/test?model=m")
        assert fake.told == [("p", False, None), ("p", True, None), ("p", True, "m")]
        assert asked.post("/v1/providers/none/test").status_code == 404
        assert asked.viewer.post("/v1/providers/p/test").status_code == 403


def test_what_failed_is_forgotten_and_what_can_not_be_built_is_built_anew(tmp_path: Path) -> None:
    with there(tmp_path) as (asked, fake):
        assert asked.post("/v1/providers/p/reset").json() == {"id": "p", "workers": 2}
        plain = asked.post("/v1/providers/p/reload").json()
        assert plain == {"id": "p", "reloaded": True, "workers": 2, "replacing": False}
        asked.serve(1, refused={"Provider/p": "no key"})
        assert asked.post("/v1/providers/p/reload").json()["replacing"] is True
        assert fake.told[-1] == ("reload", "token:ada")
