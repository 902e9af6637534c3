import pytest

from reconciler.cli.naming import key_of, missing, names_of, require
from reconciler.errors import NotFound
from reconciler.resources.resource import Resource, ResourceKey

KNOWN = {
    key: Resource(key, {})
    for key in (ResourceKey("Provider", "team", "openai"), ResourceKey("Model", "team", "m"))
}


def test_one_that_is_there() -> None:
    key = key_of("Provider", "team", "openai")
    assert require(key, KNOWN).key == key
    assert key_of("Provider", None, "p").namespace == "default"
    assert names_of("Provider", KNOWN) == ["openai"]


def test_one_that_was_meant_and_one_that_is_not_known() -> None:
    with pytest.raises(NotFound, match="Provider/team/opena does not exist\n  did you mean openai"):
        require(key_of("Provider", "team", "opena"), KNOWN)
    told = missing(key_of("Provider", "team", "zzz"), ["openai"]).told("routerctl")
    assert told == "Provider/team/zzz does not exist\n  what there is: routerctl get providers -n team"
    assert missing(key_of("Model", None, "x"), ()).told("r").endswith("what there is: r get models")
