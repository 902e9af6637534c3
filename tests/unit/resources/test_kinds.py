import pytest

from reconciler.resources.kinds import KINDS, find_kind


@pytest.mark.parametrize("word", ["provider", "Provider", "PROVIDERS", "prov"])
def test_a_kind_is_found_by_all_its_words(word: str) -> None:
    assert find_kind(word) is KINDS["Provider"]


@pytest.mark.parametrize("word", ["", "providerss", "all", "Router"])
def test_other_words_are_no_kind(word: str) -> None:
    assert find_kind(word) is None


def test_no_word_means_two_kinds() -> None:
    words = [word for kind in KINDS.values() for word in kind.words()]
    assert len(words) == len(set(words))


def test_kinds_stand_in_the_order_in_which_they_can_be_made() -> None:
    order = list(KINDS)
    assert order.index("Secret") < order.index("Provider") < order.index("Binding")
    assert order.index("Model") < order.index("Binding")
