import pytest
from fakes.importing import key, specs

from reconciler.control.importing.env import import_env
from reconciler.control.importing.oxide_sources import import_oxide
from reconciler.control.importing.renaming import renamed
from reconciler.errors import InvalidInput

FOUND = import_env("LM_STUDIO_BASE_URL=http://x\nLM_STUDIO_DEFAULT_MODEL=m\nQWEN_API_KEY=sk-1", "f")


def test_whoever_refers_to_it_refers_to_the_new_name() -> None:
    found = renamed(FOUND, {"lm-studio-default": "desk", "dashscope-default": "cloud"})
    assert specs(found)["Binding/m-desk"]["provider"] == "desk"
    assert specs(found)["Settings/default"]["activeProvider"] == "desk"
    assert [each.key for each in found.secrets] == [key("Provider", "cloud")]
    values = {str(point.key): point.value for point in found.points}
    assert "Provider/desk" in values
    assert "Provider/lm-studio-default" not in values
    assert renamed(FOUND, {}) is FOUND


def test_targets_of_routes_follow() -> None:
    found = renamed(
        import_oxide(
            {
                "services": {"a": {"type": "http", "base_url": "http://x", "default_model": "m"}},
                "routing_rules": {"t": {"primary": "a"}},
            },
            "o",
        ),
        {"a": "b"},
    )
    assert specs(found)["Route/t"]["targets"] == [{"model": "m", "provider": "b", "priority": 0}]
    assert [point.value for point in found.points if point.path == ("targets",)] == [
        [{"model": "m", "provider": "b", "priority": 0}]
    ]


def test_a_binding_of_another_name_keeps_it() -> None:
    twice = renamed(renamed(FOUND, {"lm-studio-default": "desk"}), {"desk": "other"})
    assert "Binding/m-other" in specs(twice)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ({"nobody": "x"}, "no provider called nobody"),
        ({"lm-studio-default": "a b"}, "is no name"),
        ({"lm-studio-default": "DASHSCOPE-default"}, "one name"),
    ],
)
def test_what_can_not_be_is_refused(names: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        renamed(FOUND, names)
