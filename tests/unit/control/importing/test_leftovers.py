from fakes.importing import losses, secrets

from reconciler.control.importing.collecting import Collector
from reconciler.control.importing.fields import Fields
from reconciler.control.importing.leftovers import lose_all


def test_what_looks_like_a_secret_is_named_wherever_it_stands() -> None:
    collector = Collector("f", "x")
    fields = Fields(
        {
            "a": 1,
            "api_key": "sk-1",
            "b": [{"token": "t"}, {"c": {"password": "p"}}],
            "d_key": "ref",
            "e": {"x_key": "ref"},
        }
    )
    lose_all(collector, fields, {"a": "because"}, refers=lambda text: text == "ref")
    found = collector.findings()
    assert losses(found)["a"] == "because"
    assert secrets(found) == {"api_key": "sk-1", "b[0].token": "t", "b[1].c.password": "p"}
