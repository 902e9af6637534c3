from fakes.serving import CREATED, candidate, served

from reconciler.gateway.endpoints.models import OWNER, described


def test_a_card_can_not_change_what_openai_defines() -> None:
    model = served("m", candidate("a"), candidate("b"))
    model.card["id"] = "other"
    assert described("alias", model) == {
        "id": "alias",
        "object": "model",
        "created": CREATED,
        "owned_by": "a",
        "display_name": "The m",
    }


def test_a_model_without_candidates_is_the_gateways() -> None:
    assert described("m", served("m"))["owned_by"] == OWNER
