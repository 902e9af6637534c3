from reconciler.control.plan.effects import EFFECTS, LOST_MODEL, ROUTE_EFFECTS, VANISHED_NAME, Effect, Impact


def test_an_impact_counts_its_effects_the_gravest_first() -> None:
    effects = [Effect(word, "default", "m") for word in (VANISHED_NAME, LOST_MODEL, VANISHED_NAME)]
    assert [*Impact(tuple(effects)).counts().items()] == [(LOST_MODEL, 1), (VANISHED_NAME, 2)]
    assert Impact().counts() == {}


def test_every_effect_has_its_words() -> None:
    assert set(EFFECTS) >= ROUTE_EFFECTS
    assert all(EFFECTS.values())
