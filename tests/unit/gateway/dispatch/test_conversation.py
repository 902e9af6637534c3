"""Which machines serve a request."""

import pytest
from fakes.talks import Hall, asked, routed

from reconciler.gateway.dispatch.hedging import Hedged
from reconciler.gateway.dispatch.machine import Machine
from reconciler.gateway.dispatch.splitting import Shared
from reconciler.provider_types.base import Endpoint
from reconciler.snapshot.model import Hedge, Policy, Shadow, Split

HEDGE = Hedge(1.0, 100)
SPLIT = Split(2, 2)
MANY = b'{"model": "m", "input": ["a", "b"]}'


@pytest.mark.parametrize(
    ("policy", "endpoint", "kind"),
    [
        (None, Endpoint.CHAT, Machine),
        (Policy(total=3.0), Endpoint.CHAT, Machine),
        (Policy(shadow=Shadow((routed("s"),), 100)), Endpoint.CHAT, Machine),
        (Policy(hedge=HEDGE), Endpoint.CHAT, Hedged),
        (Policy(split=SPLIT), Endpoint.CHAT, Machine),
        (Policy(split=SPLIT), Endpoint.EMBEDDINGS, Shared),
        (Policy(split=SPLIT, hedge=HEDGE), Endpoint.EMBEDDINGS, Shared),
        (Policy(split=Split(3, 2), hedge=HEDGE), Endpoint.EMBEDDINGS, Hedged),
    ],
)
def test_by_the_policy_of_its_route(policy: Policy | None, endpoint: Endpoint, kind: type) -> None:
    hall = Hall()
    talk = hall.begin(asked(hall, "a", "b", policy=policy, endpoint=endpoint, body=MANY))
    assert type(talk) is kind


def test_a_shadow_goes_beside_whatever_serves() -> None:
    hall = Hall()
    policy = Policy(split=SPLIT, shadow=Shadow((routed("s"),), 100))
    hall.begin(asked(hall, "a", "b", policy=policy, endpoint=Endpoint.EMBEDDINGS, body=MANY))
    hall.pass_time(0.0)
    assert hall.asked == ["a", "b", "s"]
    assert b'"input": ["a", "b"]' in hall.upstream("s").request.body
