import pytest

from reconciler.control.kustomize.label_selector import SelectorError, parse_selector

LABELS = {"tier": "gold", "env": "prod", "empty": "", "example.com/a": "b"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "tier=gold",
        "tier==gold, env = prod",
        "tier!=tin,other!=x",
        "tier in (tin,gold)",
        "tier in ( tin , gold ), env",
        "tier notin (tin), other notin (a)",
        "tier",
        "!other",
        "! other",
        "empty=",
        "empty in ()",
        "example.com/a=b",
    ],
)
def test_what_these_labels_fit(text: str) -> None:
    assert all(term.holds(LABELS) for term in parse_selector(text))


@pytest.mark.parametrize(
    "text",
    [
        "tier=tin",
        "tier!=gold",
        "tier in (tin)",
        "tier notin (gold)",
        "other",
        "!tier",
        "tier=",
        "other=",
        "tier,other",
    ],
)
def test_what_they_do_not_fit(text: str) -> None:
    assert not all(term.holds(LABELS) for term in parse_selector(text))


@pytest.mark.parametrize(
    "text", ["a b", "tier=gold,", ",", "tier in (a", "a>1", "=a", "!", "tier in", "a=b,,c", "tier=a b"]
)
def test_what_is_no_selector(text: str) -> None:
    with pytest.raises(SelectorError, match="no label selector"):
        parse_selector(text)
