from pathlib import Path

from fakes.workshop import Workshop

from reconciler.control.imperative.write import Writing, write
from reconciler.control.kept_providers import SETTINGS, keeping
from reconciler.json_types import JsonObject
from reconciler.store.records import RevisionMeta

META = RevisionMeta("ada", "token create")
LAN: JsonObject = {"host": "llm.lan", "ports": [8000]}
LOCAL: JsonObject = {"network": "127.0.0.1", "ports": [1234]}


def allowed(shop: Workshop, *entries: JsonObject) -> object:
    write(Writing(keeping(entries), "cli:ada"), shop.reader, shop.writer, None, shop.clock, META)
    egress = shop.stored(SETTINGS).resource.spec["egress"]
    assert isinstance(egress, dict)
    return egress["allow"]


def test_entries_are_added_to_what_is_allowed(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    assert allowed(shop, LAN) == [LAN]
    assert allowed(shop, LAN, LOCAL) == [LAN, LOCAL]
    (manager,) = shop.stored(SETTINGS).managed_fields
    assert manager.manager == "cli:ada"
