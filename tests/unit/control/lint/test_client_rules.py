import pytest
from fakes.linting import ids, linted

KEY = "{id: 0aZ4kQ81mTq2, hash: 'sha256:" + "0" * 64 + "'}"
MODELS = "---\nkind: Model\nmetadata: {name: m}\nspec: {aliases: [a, 'x/y/*']}\n"
ROUTE = "---\nkind: Route\nmetadata: {name: r}\nspec: {targets: [{model: m}]}\n"


def client(spec: str = "", keys: str = KEY, name: str = "c") -> str:
    held = f"keys: [{keys}]" if keys else "description: none"
    return f"---\nkind: ClientKey\nmetadata: {{name: {name}}}\nspec: {{{held}{spec}}}\n"


def settings(spec: str) -> str:
    return f"---\nkind: Settings\nmetadata: {{name: default}}\nspec: {{{spec}}}\n"


def rules(text: str) -> list[str]:
    return [each for each in ids(linted(text)) if each.startswith(("client-", "keys-"))]


@pytest.mark.parametrize(
    ("spec", "keys", "found"),
    [
        ("", KEY, []),
        ("", "", ["client-without-keys"]),
        ("", KEY.replace("}", ", enabled: false}"), ["client-without-keys"]),
        (", enabled: false", "", []),
        (", expires: '2020-01-01T00:00:00Z'", KEY, ["client-key-expired"]),
        ("", KEY.replace("}", ", expires: '2020-01-01T00:00:00Z'}"), ["client-key-expired"]),
        ("", KEY.replace("}", ", expires: '2999-01-01T00:00:00Z'}"), []),
    ],
)
def test_keys_that_let_nobody_in(spec: str, keys: str, found: list[str]) -> None:
    assert rules(client(spec, keys)) == found


@pytest.mark.parametrize(
    ("models", "found"),
    [
        ("m, a", 0),
        ("'*'", 0),
        ("'x*', x/y/z", 0),
        ("'x/z*', m", 1),
        ("n", 1),
        ("n, o", 1),
        ("n, o, m", 2),
    ],
)
def test_names_that_no_model_has(models: str, found: int) -> None:
    told = client(f", models: [{models}]") + MODELS
    assert rules(told) == ["client-permits-nothing"] * found
    forwarded = settings("unknownModels: forward, activeProvider: p, auth: {dataPlane: keys}")
    assert "client-permits-nothing" not in rules(told + forwarded)
    assert rules(client(f", models: [{models}]")) == []


def test_names_that_no_route_has() -> None:
    assert rules(client(", routes: [r, q]") + MODELS + ROUTE) == ["client-permits-no-route"]
    assert rules(client(", routes: [q]") + MODELS) == []


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ("defaultModel: m", ["keys-not-asked-for"]),
        ("auth: {dataPlane: none}", ["keys-not-asked-for"]),
        ("auth: {dataPlane: keys}", []),
    ],
)
def test_keys_that_nobody_asks_for(spec: str, found: list[str]) -> None:
    assert rules(client() + MODELS + settings(spec)) == found
    assert rules(MODELS + settings(spec)) == []
