import pytest
from fakes.importing import losses, specs

from reconciler.control.importing import env
from reconciler.control.importing.collecting import Collector
from reconciler.control.importing.env import qwen_session, retries
from reconciler.json_types import JsonObject


@pytest.mark.parametrize(
    ("attempts", "delay", "retry", "lost"),
    [
        (3, 1000, {"attempts": 3, "backoff": "1s"}, set()),
        (9, 20_000, {"attempts": 5, "backoff": "10s"}, {"n", "d"}),
        (2, None, {"attempts": 2}, set()),
        (2, 0, {"attempts": 2, "backoff": "0s"}, set()),
        (1, 500, None, {"n", "d"}),
        (None, 500, None, {"d"}),
    ],
)
def test_retries_are_within_what_a_provider_takes(
    attempts: int | None, delay: int | None, retry: JsonObject | None, lost: set[str]
) -> None:
    collector = Collector("f", "form")
    draft = collector.draft("Provider", "p", "p")
    draft.put("type", "lm-studio")
    draft.put("config.baseURL", "http://x")
    retries(collector, draft, attempts, delay, ("n", "d"))
    found = collector.findings()
    assert specs(found)["Provider/p"].get("retry") == retry
    assert set(losses(found)) == lost


def test_a_session_has_its_values_where_its_type_takes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    collector = Collector("f", "form")
    monkeypatch.setattr(
        env, "provider", lambda collector, name, kind, field: collector.draft("Provider", name, field)
    )
    draft = qwen_session(collector, "q", "t", None, ("T", "C"))
    assert draft is not None
    assert [each.variable for each in draft.secrets] == ["QWEN_TOKEN"]
    again = env.import_env("QWEN_TOKEN=t\nQWEN_COOKIES=c\nQWEN_TIMEOUT=1000\nRETRY_MAX_ATTEMPTS=3", "f")
    assert {each.field for each in again.secrets} == {"QWEN_TOKEN", "QWEN_COOKIES"}
