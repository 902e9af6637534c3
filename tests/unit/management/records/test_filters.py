from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.api import Asked
from fakes.recorded import recorded
from fakes.traffic import NOW

from reconciler.management.records.filters import told


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    folder: Path = tmp_path_factory.mktemp("filters")
    with recorded(folder) as made:
        yield made


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "54321"),
        ("client=ada", "21"),
        ("session=s", "321"),
        ("session_id=conv-1", "4"),
        ("namespace=team-a", "3"),
        ("model=m&provider=q", "2"),
        ("endpoint=embeddings", "5"),
        ("status=5xx,gone", "52"),
        ("status=failed", "2"),
        ("finish_reason=stop", "1"),
        ("finish_reason=error", "2"),
        ("finish_reason=length", ""),
        ("has_error=true", "2"),
        ("has_error=false", "5431"),
        ("stream=true", "2"),
        ("stream=false", "5431"),
        ("since=30m", "5432"),
        (f"since={NOW}", "5432"),
        (f"start_date={NOW}&end_date={NOW}", "5432"),
        (f"until={NOW}", "1"),
        ("until=2026-09-21T14:00:00Z", "1"),
        ("until=2026-09-21", ""),
    ],
)
def test_all_that_is_asked_for_must_fit(asked: Asked, query: str, found: str) -> None:
    told = asked.get(f"/v1/requests?{query}" if query else "/v1/requests").json()
    assert "".join(each["id"].removeprefix("req-") for each in told["requests"]) == found


@pytest.mark.parametrize(
    "query",
    [
        "status=600",
        "status=failed,429",
        "since=yesterday",
        "until=9999999999999999999",
        "stream=perhaps",
        "session=a&session_id=b",
        "status=429&has_error=true",
        "client=%07",
        "model=" + "m" * 600,
        "colour=red",
        "limit=0",
        "limit=1001",
        "offset=-1",
        "continue=none",
        "continue=1.1&offset=1",
    ],
)
def test_what_cannot_be_read_is_refused(asked: Asked, query: str) -> None:
    answer = asked.get(f"/v1/requests?{query}")
    assert (answer.status_code, answer.json()["status"]) == (400, 400)


def test_what_was_asked_for_is_told_in_words() -> None:
    assert told({"client": "a\nb", "limit": "1"}, ["client"]) == "client a\\nb"
