from pathlib import Path

import pytest
from fakes.workshop import Workshop, remote, simulator

from reconciler.bootstrap.planning import plan
from reconciler.control.planned.files import digests
from reconciler.errors import Refused
from reconciler.store.url import parse


def test_a_key_is_made_only_where_a_secret_is_to_be_sealed(tmp_path: Path) -> None:
    shop = Workshop(tmp_path, cipher=None)
    location = parse(str(shop.store))
    key = shop.store.with_suffix(".key")
    shop.write("a.yaml", simulator())
    plan(shop.wanted(), (), None, location, {}, shop.clock).considered.check()
    assert not key.exists()
    shop.write("a.yaml", remote(apiKey="sk-canary"))
    made = plan(shop.wanted(), (), None, location, {}, shop.clock)
    made.considered.check()
    assert key.exists()
    (entry,) = made.artefact.seals
    assert entry.place == "default/Provider/far/spec.config.apiKey"
    shop.close()


def test_it_is_made_against_the_head_with_its_impact_and_its_files(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.write("a.yaml", simulator("one"))
    shop.apply()
    shop.write("a.yaml", simulator("one"), simulator("two"))
    wanted = shop.wanted()
    made = plan(wanted, digests(wanted), shop.reader, parse(str(shop.store)), {}, shop.clock)
    assert (made.artefact.plan.base, made.artefact.base_digest) == (1, shop.reader.revision(1).digest)
    assert [each.path for each in made.artefact.inputs] == ["a.yaml"]
    assert made.artefact.impact == made.considered.review.impact
    shop.close()


def test_what_apply_would_refuse_is_worth_no_file(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.write("a.yaml", simulator("one"), simulator("two"))
    shop.apply()
    shop.write("a.yaml", simulator("three"), simulator("four"))
    made = plan(shop.wanted(prune=True), (), shop.reader, parse(str(shop.store)), {}, shop.clock)
    with pytest.raises(Refused, match="all that the source holds"):
        made.considered.check()
    shop.close()
