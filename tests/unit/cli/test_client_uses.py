from contextlib import closing
from pathlib import Path

from fakes.limits import Time
from fakes.spending import Spent
from fakes.states import stored
from fakes.store import provider

from reconciler.cli.client_uses import short_uses
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.store.leases import Counter, Wish
from reconciler.store.ledger import Ledger


def test_what_is_used_of_how_much_fits_into_a_cell(tmp_path: Path) -> None:
    path, time = tmp_path / "s-records.db", Time()
    key = ResourceKey("ClientKey", "default", "ci")
    limited = stored(
        Resource(
            key,
            {
                "limits": {"maxConcurrent": 8, "tokensPerMinute": 2000},
                "budgets": [{"window": "month", "amount": "25", "tokens": 7}],
            },
        )
    )
    unlimited = stored(Resource(ResourceKey("ClientKey", "default", "free"), {}))
    with closing(Ledger(path, "w", time)) as ledger:
        tokens = Counter("ClientKey/ci tokensPerMinute", 2000, 60.0)
        ledger.exchange([Wish(tokens, wanted=1500)])
        ledger.exchange([Wish(tokens, held=1500, spent=1500)])
    found = [limited, unlimited, stored(provider("p", limits={"maxConcurrent": 1}))]
    assert short_uses(found, Spent(path, time)) == {
        key: "maxConcurrent 0/8, tokensPerMinute 1,500/2,000, month $0.00/$25.00, month.tokens 0/7"
    }


def test_without_such_keys_the_file_is_not_looked_at(tmp_path: Path) -> None:
    broken = tmp_path / "s-records.db"
    broken.write_bytes(b"not a database")
    assert short_uses([stored(provider("p"))], Spent(broken, Time())) == {}
