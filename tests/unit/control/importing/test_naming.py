import pytest

from reconciler.control.importing.naming import Names, client_name, object_name, variable_of


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("qwen/qwen3:8b", "qwen-qwen3-8b"),
        ("openai/*", "openai-any"),
        ("*", "any"),
        ("_x_", "x"),
        ("é", "unnamed"),
        ("a" * 300, "a" * 200),
    ],
)
def test_a_name_is_one_that_a_resource_can_have(text: str, name: str) -> None:
    assert object_name(text) == name


def test_each_name_is_given_once_and_the_same_again() -> None:
    names = Names()
    assert [names.of("a/b"), names.of("a:b"), names.of("A-B"), names.of("a/b")] == [
        "a-b",
        "a-b-2",
        "A-B-3",
        "a-b",
    ]
    assert names.another("a/b") == "a-b-4"
    assert names.known("a:b") == "a-b-2"
    assert names.known("x") is None


@pytest.mark.parametrize(("text", "name"), [(" x ", "x"), ("", None), ("a\nb", None), ("x" * 257, None)])
def test_what_clients_may_ask_for(text: str, name: str | None) -> None:
    assert client_name(text) == name


@pytest.mark.parametrize(
    ("provider", "variable"),
    [
        ("openrouter", "OPENROUTER_API_KEY"),
        ("my.lan-1", "MY_LAN_1_API_KEY"),
        ("1x", "PROVIDER_1X_API_KEY"),
        ("routerctl", "PROVIDER_ROUTERCTL_API_KEY"),
        ("-", "PROVIDER_API_KEY"),
    ],
)
def test_a_variable_is_one_that_the_gateway_may_read(provider: str, variable: str) -> None:
    assert variable_of(provider) == variable
