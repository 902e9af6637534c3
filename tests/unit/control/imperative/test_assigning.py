import pytest

from reconciler.control.imperative.assigning import assigned, fieldset, typed
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonValue

PROVIDER = fieldset("Provider", "ollama")
BINDING = fieldset("Binding")


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("priority=3", ("priority",), 3),
        ("priority=-3", ("priority",), -3),
        ("enabled=false", ("enabled",), False),
        ("displayName=", ("displayName",), ""),
        ("timeout=90s", ("config", "timeout"), "90s"),
        ("config.timeout=90000", ("config", "timeout"), 90000),
        ("headers.X-Team.a=b=c", ("config", "headers", "X-Team.a"), "b=c"),
        ("health.probe.interval=10s", ("health", "probe", "interval"), "10s"),
        ("retry.statuses=429,503", ("retry", "statuses"), [429, 503]),
        ("retry.statuses=[500]", ("retry", "statuses"), [500]),
        ("headers={X-A: b}", ("config", "headers"), {"X-A": "b"}),
        ("limits={maxConcurrent: 2}", ("limits",), {"maxConcurrent": 2}),
    ],
)
def test_a_value_has_the_type_that_the_schema_says(
    text: str, path: tuple[str, ...], value: JsonValue
) -> None:
    assert assigned(PROVIDER, [text]) == {path: value}


def test_parameters_may_be_anything() -> None:
    texts = ["config.defaults.temperature=0.2", "config.defaults.n=2", "config.overrides.stop=[a]"]
    assert assigned(BINDING, texts) == {
        ("config", "defaults", "temperature"): "0.2",
        ("config", "defaults", "n"): 2,
        ("config", "overrides", "stop"): ["a"],
    }


def test_what_is_to_be_taken_away() -> None:
    assert assigned(PROVIDER, [], ["keepAlive", "config.apiKey"]) == {
        ("config", "keepAlive"): None,
        ("config", "apiKey"): None,
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("priority", '"priority" is no KEY=VALUE'),
        ("=3", '"" is no KEY=VALUE'),
        ("priority=high", 'priority is an integer, not "high"'),
        ("enabled=yes", 'enabled is true or false, not "yes"'),
        ("timeot=9s", 'a Provider has no field "timeot"\n  did you mean timeout?'),
        ("health.probe.intervall=9s", "did you mean health.probe.interval?"),
        ("priority.x=9s", "it holds no fields"),
        ("zzzz=1", "known here: displayName, description"),
        ("limits={", "is neither JSON nor YAML on one line"),
    ],
)
def test_what_can_not_be(text: str, said: str) -> None:
    with pytest.raises(InvalidInput) as error:
        assigned(PROVIDER, [text])
    assert said in str(error.value)


@pytest.mark.parametrize("text", ["apiKey=sk-1", "config.apiKey.valueFrom.env=A", "config.tls.key=x"])
def test_a_secret_is_no_argument(text: str) -> None:
    with pytest.raises(InvalidInput) as error:
        assigned(PROVIDER, [text])
    assert "is a secret, and no argument" in str(error.value)
    assert "sk-1" not in str(error.value)


def test_the_secrets_of_a_type() -> None:
    assert PROVIDER.secrets() == [("config", "apiKey"), ("config", "tls", "key")]
    assert typed("x", "string", "7") == "7"
