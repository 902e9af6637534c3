import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.kept import plan
from fakes.workshop import CIPHER, PROVIDER, Workshop, remote, simulator

from reconciler.api import outcomes
from reconciler.api.forms import from_json
from reconciler.api.writes import Changed, Granted, Imported, Planned
from reconciler.control.apply import Applied
from reconciler.control.considering import consider
from reconciler.errors import InvalidInput
from reconciler.resources.principal import Role
from reconciler.store.tokens import Token


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path)
    yield made
    made.close()


def test_what_came_of_it_travels_without_ciphertext(shop: Workshop) -> None:
    shop.write("a.yaml", remote(apiKey="sk-canary"), simulator("other"))
    wanted = shop.wanted()
    found = consider(wanted, shop.reader, CIPHER, now="2026-01-01T00:00:00Z")
    (entry,) = found.proposal.entries.values()
    told = outcomes.considered_json(found)
    assert entry.ciphertext.decode() not in json.dumps(told)
    again = outcomes.considered_from(told)
    assert again.proposal.plan == found.proposal.plan
    assert replace(again.review, unknown=found.review.unknown) == found.review
    applied = shop.apply_wanted(wanted)
    back: Applied = from_json(outcomes.applied_json(applied), Applied)
    assert (back.proposal.plan, back.revision, back.attempts) == (applied.proposal.plan, applied.revision, 1)
    assert len(back.proposal.state) == 0
    assert outcomes.imported_json(Imported(applied, "x.db"))["backup"] == "x.db"
    changed = outcomes.changed_json(Changed(applied.proposal), [PROVIDER])
    assert "sk-canary" not in json.dumps(changed)


def test_a_plan_travels_as_its_file(shop: Workshop) -> None:
    shop.write("a.yaml", simulator())
    found = consider(shop.wanted(), shop.reader, CIPHER, now="2026-01-01T00:00:00Z")
    made = Planned(found, plan(shop))
    again = outcomes.planned_from(outcomes.planned_json(made))
    assert again.artefact == made.artefact
    assert again.considered.proposal.plan == found.proposal.plan
    with pytest.raises(InvalidInput, match="an object"):
        outcomes.planned_from([])


def test_a_token_travels_without_its_hash() -> None:
    token = Token("id", "ci", "sha256:x", Role.VIEWER, (), None, "2026-01-01T00:00:00Z", "ada")
    assert "sha256:x" not in json.dumps(outcomes.tokens_json([token]))
    made = outcomes.granted_json(Granted(token, "rt-text"))
    assert ("sha256:x" in json.dumps(made), made["text"]) == (False, "rt-text")
