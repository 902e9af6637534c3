from reconciler.api.manifest_writes import Adoption
from reconciler.resources.resource import ResourceKey


def test_a_source_adopts_nothing_of_who_is_alive_unless_it_is_said() -> None:
    adoption = Adoption([ResourceKey("Model", "default", "m")], source="acme")
    assert (adoption.force, adoption.dry_run, adoption.wanted) == (False, False, None)
