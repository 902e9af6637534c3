import pytest

from reconciler.errors import Forbidden
from reconciler.management.showing.seeing import namespace_of, require_everywhere, require_namespace
from reconciler.resources.principal import Principal, Role

BOB = Principal("token:bob", Role.VIEWER, namespaces=frozenset({"team-b", "team-a"}))


def test_a_namespace_is_seen_or_refused() -> None:
    require_namespace(BOB, "team-a")
    require_everywhere(Principal("token:ada", Role.VIEWER), "the audit")
    with pytest.raises(
        Forbidden, match="may not see the namespace default: it has to do with team-a, team-b alone"
    ):
        require_namespace(BOB, "default")
    with pytest.raises(Forbidden, match="may not see the audit"):
        require_everywhere(BOB, "the audit")


def test_a_key_as_text_has_a_namespace() -> None:
    assert [namespace_of(text) for text in ("Provider/p", "Provider/team-a/p")] == ["default", "team-a"]
