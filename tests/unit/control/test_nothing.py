from pathlib import Path

from fakes.workshop import Workshop, remote

from reconciler.control.nothing import NoRecords
from reconciler.control.proposal import Records, propose


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
