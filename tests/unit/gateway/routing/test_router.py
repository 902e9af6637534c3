import pytest
from fakes.serving import candidate, namespace, served, simulator

from reconciler.gateway.routing.router import Routed, find_model, known_model, route
from reconciler.protocol.errors import OpenAIError
from reconciler.provider_types.base import Endpoint

SPACE = namespace(
    served("small", candidate("a", "a-small"), candidate("b", None)),
    served("passing", candidate("c", None)),
    served("lonely"),
    aliases={"gpt/small": "small"},
    wildcards={"openai/": "passing", "openai/small-": "small"},
    default="small",
)


def routed(asked: str | None) -> list[tuple[str, str]]:
    found = route(SPACE, asked, Endpoint.CHAT)
    assert isinstance(found, Routed), found
    return [(each.candidate.provider, each.upstream_model) for each in found.candidates]


def refused(asked: str | None) -> OpenAIError:
    found = route(SPACE, asked, Endpoint.CHAT)
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
    found = route(SPACE, "gpt/small", Endpoint.CHAT)
    assert isinstance(found, Routed)
    assert found.model == "small"


def test_without_a_default_the_model_must_be_named() -> None:
    found = route(namespace(served("small", candidate("a"))), None, Endpoint.CHAT)
    assert isinstance(found, OpenAIError)
    assert (found.status, found.param) == (400, "model")


def test_a_default_that_is_gone_is_not_found() -> None:
    found = route(namespace(default="gone"), None, Endpoint.CHAT)
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


FORWARDING = namespace(
    served("lonely"),
    wildcards={"openai/": "lonely"},
    forwards=True,
    forward=candidate(simulator("active"), None),
)


@pytest.mark.parametrize("asked", ["gpt-9", "org/model:free"])
def test_an_unknown_name_goes_to_the_active_provider_under_itself(asked: str) -> None:
    found = route(FORWARDING, asked, Endpoint.CHAT)
    assert isinstance(found, Routed)
    assert (found.forwarded, found.model) == (True, asked)
    assert [(each.candidate.provider, each.upstream_model) for each in found.candidates] == [
        ("active", asked)
    ]
    assert known_model(FORWARDING, asked) is None


@pytest.mark.parametrize("asked", ["", "a\x00b", "a\r\nb", "x" * 300])
def test_what_no_manifest_could_name_goes_nowhere(asked: str) -> None:
    found = route(FORWARDING, asked, Endpoint.CHAT)
    assert isinstance(found, OpenAIError)
    assert found.code == "model_not_found"
    assert "activeProvider" not in found.message


def test_a_configured_name_is_not_forwarded_by_the_request() -> None:
    for asked in ("lonely", "openai/x"):
        found = route(FORWARDING, asked, Endpoint.CHAT)
        assert isinstance(found, OpenAIError)
        assert found.code == "no_provider"


def test_the_active_provider_may_lack_the_endpoint() -> None:
    found = route(FORWARDING, "gpt-9", Endpoint.RERANK)
    assert isinstance(found, OpenAIError)
    assert found.code == "endpoint_not_served"


def test_without_an_active_provider_the_answer_says_what_to_set() -> None:
    found = route(namespace(forwards=True), "gpt-9", Endpoint.CHAT)
    assert isinstance(found, OpenAIError)
    assert (found.status, found.code) == (404, "model_not_found")
    assert "activeProvider" in found.message
    assert "activeProvider" not in refused("gpt-9").message


def test_only_who_has_the_endpoint_is_tried() -> None:
    space = namespace(
        served("both", candidate(simulator("sim")), candidate("full")),
        served("one", candidate(simulator("sim"))),
    )
    found = route(space, "both", Endpoint.RERANK)
    assert isinstance(found, Routed)
    assert [each.candidate.provider for each in found.candidates] == ["full"]
    found = route(space, "one", Endpoint.RERANK)
    assert isinstance(found, OpenAIError)
    assert (found.status, found.code) == (404, "endpoint_not_served")
    assert "/v1/rerank" in found.message
