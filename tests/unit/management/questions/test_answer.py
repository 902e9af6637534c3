import json
from pathlib import Path

import pytest
from fakes.store import SteppingClock, commit_all, provider, put

from reconciler.api.questions import QUESTIONS
from reconciler.bootstrap.answering import Answering
from reconciler.errors import NotFound
from reconciler.management.questions.answer import Asked, answer
from reconciler.resources.principal import Principal, Role
from reconciler.store.url import parse

ADA = Principal("token:ada", Role.ADMIN)


@pytest.fixture
def answering(tmp_path: Path) -> Answering:
    commit_all(tmp_path / "s.db", [put(provider("p"))])
    return Answering(parse(str(tmp_path / "s.db")), {}, SteppingClock())


@pytest.mark.parametrize(
    ("part", "name", "told"),
    [
        ("records", "head", 1),
        ("observing", "source_statuses", []),
        ("traffic", "last", 0),
        ("accounts", "audit", 1),
    ],
)
def test_each_part_answers(answering: Answering, part: str, name: str, told: object) -> None:
    found = answer(Asked(QUESTIONS[part, name], ADA, {}), answering)
    assert found.body is not None
    read = json.loads(found.body)
    assert (len(read) if part == "accounts" else read) == told


def test_what_is_known_is_not_told_again(answering: Answering) -> None:
    first = answer(Asked(QUESTIONS["records", "state"], ADA, {}), answering)
    again = answer(Asked(QUESTIONS["records", "state"], ADA, {}, known=first.headers["etag"]), answering)
    assert again.body is None


def test_a_revision_that_is_not_there_was_restored_away(answering: Answering) -> None:
    with pytest.raises(NotFound, match="it was restored"):
        answer(Asked(QUESTIONS["records", "state"], ADA, {}, at=2), answering)
