import pytest

from reconciler.management.problems import BadRequest
from reconciler.management.rest import pages
from reconciler.resources.resource import Resource, ResourceKey, StoredResource


def stored(name: str, **labels: str) -> StoredResource:
    return StoredResource(Resource(ResourceKey("Model", "default", name), {}, labels), "u", 1, 1, "t", 1)


ALL = [stored("c"), stored("a", team="x", tier="1"), stored("b", team="y")]


def names(found: object) -> list[str]:
    assert isinstance(found, list)
    return [each.key.name for each in found]


def test_parts_of_a_list() -> None:
    first = pages.page(ALL, {"limit": "2"})
    assert names(first.items) == ["a", "b"]
    assert first.rest is not None
    assert first.metadata() == {"continue": first.rest}
    changed = [*ALL[:1], stored("aa"), stored("bb")]
    second = pages.page(changed, {"limit": "2", "continue": first.rest})
    assert (names([*second.items]), second.rest, second.metadata()) == (["bb", "c"], None, {})
    assert names([*pages.page(ALL, {}).items]) == ["a", "b", "c"]


@pytest.mark.parametrize("token", ["x", "!!", "e30", "bnVsbA", "WzEsMl0", "\u00e9", "W1tbWw" * 1000, ""])
def test_a_token_that_nobody_gave_is_refused(token: str) -> None:
    with pytest.raises(BadRequest, match="continue"):
        pages.page(ALL, {"continue": token})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["c", "a", "b"]),
        ("team", ["a", "b"]),
        ("!team", ["c"]),
        ("team=x", ["a"]),
        ("team==x,tier=1", ["a"]),
        ("team!=x", ["c", "b"]),
    ],
)
def test_labels(text: str, found: list[str]) -> None:
    selects = pages.selector({"labelSelector": text})
    assert [each.key.name for each in ALL if selects(each)] == found


@pytest.mark.parametrize("text", ["a b", "a=b=c", ",", "a in (b)", "x" * 5000])
def test_a_selector_that_is_none(text: str) -> None:
    with pytest.raises(BadRequest):
        pages.selector({"labelSelector": text})
