from pathlib import Path

import pytest
from fakes.workshop import Workshop, remote, simulator

from reconciler.control.considering import consider
from reconciler.errors import Refused, SecretError

NOW = "2026-01-01T00:00:00Z"


def test_all_that_stands_against_it_is_told(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.write("a.yaml", simulator("one"), simulator("two"))
    shop.apply()
    shop.write("a.yaml", simulator("three"), simulator("four"))
    found = consider(shop.wanted(prune=True), shop.reader, shop.cipher, now=NOW)
    assert found.review.plan == found.proposal.plan
    assert found.objections[0].message.startswith("--prune would delete all")
    with pytest.raises(Refused, match="all that the source holds"):
        found.check()
    shop.close()


def test_without_a_key_it_depends_on_whether_one_would_be_made(tmp_path: Path) -> None:
    shop = Workshop(tmp_path, cipher=None)
    shop.write("a.yaml", remote(apiKey="sk-canary"))
    consider(shop.wanted(), shop.reader, None, now=NOW, new_key=True).check()
    with pytest.raises(SecretError):
        consider(shop.wanted(), shop.reader, None, now=NOW).check()
    shop.close()
