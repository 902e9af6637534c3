from pathlib import Path

import pytest
from fakes.workshop import PROVIDER, Workshop, remote

from reconciler.control.nothing import NoRecords
from reconciler.control.proposal import Records, propose
from reconciler.control.review import Past
from reconciler.errors import NotFound


def test_against_no_store_everything_is_a_creation(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.write("a.yaml", remote(apiKey="sk-literal"))
    records: Records = NoRecords()
    proposal = propose(shop.wanted(), records, shop.cipher, now="t")
    assert [str(change.key) for change in proposal.plan.changes] == ["Provider/far"]
    assert (proposal.plan.base, len(proposal.entries)) == (0, 1)
    assert records.vault_entry("v-1") is None
    unsealed = propose(shop.wanted(), records, None, now="t").unsealed
    assert [field for _, field in unsealed] == ["spec.config.apiKey"]


def test_nothing_was_there_before() -> None:
    records: Past = NoRecords()
    assert (records.get(PROVIDER), records.revisions_of(PROVIDER)) == (None, ())
    with pytest.raises(NotFound, match="there is no store yet"):
        records.revision(1)
