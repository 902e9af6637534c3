from reconciler.cli.model_syncing import lines
from reconciler.control.model_sync import Clash, Gone, Synced
from reconciler.resources.resource import Resource, ResourceKey


def key(kind: str, name: str) -> ResourceKey:
    return ResourceKey(kind, "default", name)


def test_what_was_found_is_told_in_words() -> None:
    found = Synced(
        key("Provider", "up"),
        3,
        (Resource(key("Model", "m"), {}), Resource(key("Binding", "m-up"), {})),
        ("left",),
        (Clash("a\x1b", "taken"),),
        (Gone(key("Binding", "b"), "old", prunable=True), Gone(key("Binding", "c"), "older", prunable=False)),
        2,
        more=True,
    )
    assert [*lines(found, prune=False)] == [
        "up: offers 3 models and more; 1 served already, 1 Model and 1 Binding new",
        "  left out: a\\x1b: taken",
        "  left out: 2 names that no Model can have",
        "  gone: old, which Binding/b names; --prune removes it",
        "  gone: older, which Binding/c names; others wrote it, so it is yours to remove",
    ]
    assert "  gone: old, which Binding/b names" in [*lines(found, prune=True)]
    failed = Synced(key("Provider", "up"), problem="no answer")
    assert [*lines(failed, prune=False)] == ["up: could not be asked: no answer"]
