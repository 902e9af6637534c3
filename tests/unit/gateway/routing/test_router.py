import pytest
from fakes.serving import candidate, namespace, served

from reconciler.gateway.routing.router import Routed, find_model, known_model, route
from reconciler.protocol.errors import OpenAIError

SPACE = namespace(
    served("small", candidate("a", "a-small"), candidate("b", None)),
    served("passing", candidate("c", None)),
    served("lonely"),
    aliases={"gpt/small": "small"},
    wildcards={"openai/": "passing", "openai/small-": "small"},
    default="small",
)


def routed(asked: str | None) -> list[tuple[str, str]]:
    found = route(SPACE, asked)
    assert isinstance(found, Routed), found
    return [(each.candidate.provider, each.upstream_model) for each in found.candidates]


def refused(asked: str | None) -> OpenAIError:
    found = route(SPACE, asked)
    assert isinstance(found, OpenAIError), found
    return found


@pytest.mark.parametrize("asked", ["small", "gpt/small", None])
def test_name_alias_and_default_lead_to_the_candidates_in_order(asked: str | None) -> None:
    assert routed(asked) == [("a", "a-small"), ("b", "small")]


def test_the_longest_wildcard_gives_its_rest_to_the_upstream() -> None:
    assert routed("openai/gpt-9") == [("c", "gpt-9")]
    assert routed("openai/small-v2") == [("a", "a-small"), ("b", "v2")]


def test_a_wildcard_that_stands_for_nothing_names_no_model() -> None:
    assert refused("openai/").code == "model_not_found"
    assert routed("openai/small-") == [("a", "a-small")]


def test_the_routed_model_is_the_configured_one() -> None:
    found = route(SPACE, "gpt/small")
    assert isinstance(found, Routed)
    assert found.model == "small"


def test_without_a_default_the_model_must_be_named() -> None:
    found = route(namespace(served("small", candidate("a"))), None)
    assert isinstance(found, OpenAIError)
    assert (found.status, found.param) == (400, "model")


def test_a_default_that_is_gone_is_not_found() -> None:
    found = route(namespace(default="gone"), None)
    assert isinstance(found, OpenAIError)
    assert found.status == 404


def test_a_model_that_nobody_serves_is_unavailable() -> None:
    error = refused("lonely")
    assert (error.status, error.type) == (503, "server_error")
    assert "lonely" in error.message


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "../x",
        "http://evil/",
        "a#b",
        "a?b",
        "%2e%2e",
        "a\x00b",
        "a\r\nx: y",
        "x" * 10_000,
        "\u202egpt",
        "small ",
    ],
)
def test_hostile_names_are_not_found_and_not_repeated_at_length(asked: str) -> None:
    error = refused(asked)
    assert (error.status, error.code) == (404, "model_not_found")
    assert len(error.message) < 300
    assert error.message.isprintable()


@pytest.mark.parametrize("asked", ["openai/a\r\nb", "openai/\x00", "openai/" + "x" * 300])
def test_a_wildcard_does_not_take_what_no_manifest_could_name(asked: str) -> None:
    assert refused(asked).code == "model_not_found"
    assert find_model(SPACE, asked) is None


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ("lonely", "lonely"),
        ("gpt/small", "small"),
        ("openai/gpt-9", "passing"),
        (None, "small"),
        ("gpt-9", None),
        ("", None),
    ],
)
def test_a_model_is_known_by_its_configured_name(asked: str | None, known: str | None) -> None:
    assert known_model(SPACE, asked) == known
    assert known_model(namespace(), None) is None
