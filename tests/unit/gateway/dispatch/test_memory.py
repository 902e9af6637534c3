from reconciler.gateway.dispatch.memory import Memory


def test_each_worker_has_its_own() -> None:
    one, other = Memory(), Memory()
    assert one.breakers is not other.breakers
    assert one.retries is not other.retries
    assert one.usage_refusals is not other.usage_refusals
