from fakes.importing import key

from reconciler.control.importing.comparing import Verdict, compare
from reconciler.control.importing.findings import Findings, FoundSecret, Point
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import Resource
from reconciler.secrets.value import SecretValue

MODEL, PROVIDER = key("Model", "m"), key("Provider", "p")


def point(path: str, value: JsonValue) -> Point:
    return Point("f", path, PROVIDER, tuple(path.split(".")), value)


def verdicts(spec: JsonObject | None, *points: Point, opens: bool | None = True) -> dict[str, Verdict]:
    result = {} if spec is None else {PROVIDER: Resource(PROVIDER, spec)}
    secret = FoundSecret("f", "secret", SecretValue("x"), PROVIDER, ("key",), "V")
    found = Findings(
        points=points, resources=(Resource(MODEL, {}), Resource(PROVIDER, {})), secrets=(secret,)
    )
    return {each.field: each.verdict for each in compare(found, result, lambda _, __: opens)}


def test_each_point_has_its_verdict() -> None:
    spec: JsonObject = {"a": 1, "b": {"c": [1, 2, {"d": 1, "e": 2}]}, "key": "x", "t": True}
    told = verdicts(
        spec,
        point("a", 1),
        point("b.c", [2, {"d": 1}]),
        point("b.x", 1),
        point("t", 1),
        point("a.b", 1),
        point("b.c.d", 1),
    )
    assert told == {
        "a": Verdict.SAME,
        "b.c": Verdict.SAME,
        "b.x": Verdict.MISSING,
        "t": Verdict.DIFFERENT,
        "a.b": Verdict.MISSING,
        "b.c.d": Verdict.MISSING,
        "Model/m": Verdict.MISSING,
        "secret": Verdict.SAME,
    }


def test_a_list_that_lacks_something_is_different() -> None:
    assert verdicts({"a": [{"d": 2}]}, point("a", [{"d": 1}]))["a"] is Verdict.DIFFERENT
    assert verdicts({"a": [1]}, point("a", {"d": 1}))["a"] is Verdict.DIFFERENT


def test_secrets_may_be_unknown_or_gone() -> None:
    assert verdicts({"key": "x"}, point("a", 1), opens=None)["secret"] is Verdict.UNKNOWN
    assert verdicts({"key": "x"}, point("a", 1), opens=False)["secret"] is Verdict.DIFFERENT
    assert verdicts({}, point("a", 1))["secret"] is Verdict.MISSING
    assert verdicts(None, point("a", 1)) == {
        "a": Verdict.MISSING,
        "secret": Verdict.MISSING,
        "Model/m": Verdict.MISSING,
    }
