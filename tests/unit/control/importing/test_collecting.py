from fakes.importing import losses, secrets, specs

from reconciler.control.importing.collecting import Collector
from reconciler.control.importing.fields import Fields

LAN = "http://192.168.7.20:1234"


def provider(collector: Collector, name: str, url: str = LAN) -> None:
    draft = collector.draft("Provider", name, f"{name}.type")
    draft.put("type", "lm-studio")
    draft.put("config.baseURL", url, f"{name}.url")


def test_what_a_kind_does_not_take_is_taken_out_and_told() -> None:
    collector = Collector("f", "form")
    provider(collector, "p")
    draft = collector.draft("Provider", "p", "again")
    draft.put("config.timeout", 5, "p.timeout")
    draft.put("config.nothing", "x", "p.nothing")
    draft.put("displayName", None, "p.name")
    draft.put(("config", "headers", "X.Y", "Z"), "x", "p.headers")
    found = collector.findings()
    assert specs(found)["Provider/p"] == {"type": "lm-studio", "config": {"baseURL": LAN}}
    assert set(losses(found)) == {"p.timeout", "p.nothing", "p.headers"}
    assert [point.field for point in found.points] == ["p.url"]


def test_a_part_of_a_point_may_go() -> None:
    collector = Collector("f", "form")
    provider(collector, "p")
    binding = collector.bind(collector.model("m", "m"), collector.draft("Provider", "p", ""), "m", "m")
    binding.put("config.defaults", {"temperature": "0.5", "model": "x"}, "m.config")
    found = collector.findings()
    assert specs(found)["Binding/m-p"]["config"] == {"defaults": {"temperature": "0.5"}}
    assert [point.value for point in found.points if point.field == "m.config"] == [{"temperature": "0.5"}]
    assert "model" in losses(found)["m.config"]


def test_who_refers_to_what_is_left_out_is_left_out_too() -> None:
    collector = Collector("f", "form")
    provider(collector, "p", "ftp://x")
    collector.draft("Provider", "p", "").secret("config.apiKey", "s3cret", "P_API_KEY", "p.key")
    collector.bind(collector.model("m", "m"), collector.draft("Provider", "p", ""), "m", "m.link")
    collector.settings("active").put("activeProvider", "p", "active")
    route = collector.draft("Route", "r", "r")
    route.put("targets", [{"model": "m", "provider": "p"}], "r.targets")
    other = collector.draft("Route", "o", "o")
    other.put("targets", [{"model": "gone"}, {"model": "m"}], "o.targets")
    found = collector.findings()
    assert set(specs(found)) == {"Model/m", "Settings/default", "Route/o"}
    assert specs(found)["Settings/default"] == {}
    assert specs(found)["Route/o"]["targets"] == [{"model": "m"}]
    assert {"p.type", "m.link", "active"} <= set(losses(found))
    assert secrets(found) == {"p.key": "s3cret"}
    assert found.secrets[0].key is None


def test_what_is_claimed_twice_is_the_first_ones() -> None:
    collector = Collector("f", "form")
    for name in ("p", "q"):
        provider(collector, name)
        collector.draft("Provider", name, "").put("displayName", "Same", f"{name}.name")
    collector.model("a/b", "first")
    collector.draft("Model", "other", "second").put("aliases", ["a/b", "x"], "second.aliases")
    found = collector.findings()
    assert sum("displayName" in spec for spec in specs(found).values()) == 1
    assert [spec.get("aliases") for name, spec in specs(found).items() if name.startswith("Model/")] in (
        [["a/b"], ["x"]],
        [None, ["a/b", "x"]],
    )


def test_a_model_is_asked_for_by_its_text_whatever_its_name() -> None:
    collector = Collector("f", "form")
    assert collector.model("q/w", "f") is collector.model("q/w", "f")
    collector.model("plain", "f")
    assert specs(collector.findings()) == {"Model/q-w": {"aliases": ["q/w"]}, "Model/plain": {}}


def test_what_is_not_taken_is_lost_with_its_reason() -> None:
    collector = Collector("f", "form")
    collector.lose_rest(Fields({"a": 1, "b": 2}, "top"), {"a": "because"}, "else")
    collector.leave_secret("top.c", "s3cret", "not here")
    found = collector.findings()
    assert losses(found) == {"top.a": "because", "top.b": "else", "top.c": "not here"}
    assert found.forms == ("f: form",)


def test_a_secret_that_its_kind_does_not_take_is_still_told() -> None:
    collector = Collector("f", "form")
    provider(collector, "p")
    collector.draft("Provider", "p", "").secret("config.token", "s3cret", "P_TOKEN", "p.token")
    found = collector.findings()
    assert found.secrets[0].key is None
    assert "p.token" in losses(found)


def test_a_hopeless_resource_is_given_up() -> None:
    collector = Collector("f", "form")
    draft = collector.draft("Provider", "p", "p")
    draft.put("type", "lm-studio")
    draft.put(("config",), {"baseURL": LAN} | {f"x{number}": 1 for number in range(300)}, "p.config")
    found = collector.findings()
    assert found.resources == ()
    assert any("too much" in loss.why for loss in found.losses)


def test_what_another_collector_found_is_taken_over_once() -> None:
    first, second, both = (Collector(name, "form") for name in "abc")
    provider(first, "p")
    first.draft("Provider", "p", "").secret("config.apiKey", "one", "P_API_KEY", "p.key")
    provider(second, "p", "http://other")
    second.draft("Provider", "p", "").secret("config.apiKey", "two", "P_API_KEY", "p.key")
    second.warn("mind")
    both.adopt(first.findings())
    both.adopt(second.findings())
    both.adopt(first.findings())
    found = both.findings()
    assert specs(found)["Provider/p"]["config"] == {
        "baseURL": LAN,
        "apiKey": {"valueFrom": {"env": "P_API_KEY"}},
    }
    assert [
        (each.value.reveal(), each.key is not None) for each in found.secrets if each.key is not None
    ] == [("one", True)]
    assert "two" in {each.value.reveal() for each in found.secrets if each.key is None}
    assert any("differs" in warning for warning in found.warnings)
    assert "mind" in found.warnings
