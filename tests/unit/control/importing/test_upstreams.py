from reconciler.control.importing.collecting import Collector, Draft
from reconciler.control.importing.upstreams import Upstreams


def test_a_model_is_bound_to_each_once() -> None:
    collector = Collector("f", "x")
    upstreams = Upstreams(collector)

    def make() -> Draft:
        return collector.draft("Provider", collector.providers.another("p"), "f")

    first = upstreams.of(("a",), "m", make)
    assert first is not None
    assert upstreams.of(("a",), "m", make) is first
    collector.bind(collector.model("m", "f"), first, "m", "f")
    second = upstreams.of(("a",), "m", make)
    assert second is not first
    assert upstreams.of(("a",), "n", make) is first
    assert upstreams.of(("b",), "m", lambda: None) is None
    assert upstreams.of(("b",), "m", make) is not None
