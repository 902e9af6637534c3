from fakes.command import Routerctl, manifest, served

from reconciler.cli.ground import pairs_there, there, versions_there
from reconciler.cli.save_options import STORE, Saving
from reconciler.cli.session import Session


def test_the_manifests_are_newer_than_the_store(routerctl: Routerctl) -> None:
    routerctl.apply(served("a"))
    routerctl.write("a.yaml", manifest("Provider", "a", {"type": "simulator", "priority": 7}))
    routerctl.write("b.yaml", manifest("Provider", "b"), manifest("Model", "x", namespace="team"))
    session = Session({}, str(routerctl.db))
    both = Saving(str(routerctl.manifests))
    assert [key.name for key in there(session, STORE, "Provider")] == ["a"]
    found = there(session, both, "Provider", "Model")
    assert [(str(key), item.spec.get("priority")) for key, item in found.items()] == [
        ("Provider/a", 7),
        ("Model/a", None),
        ("Provider/b", None),
    ]
    assert len(versions_there(session, both, "Provider")) == 3
    known, around = pairs_there(session, both)
    assert (len(known), around.models, around.binding_of("a", "a")) == (4, {"a"}, "a")


def test_neither_store_nor_folder_need_be_there(routerctl: Routerctl) -> None:
    session = Session({}, str(routerctl.db), "team")
    assert there(session, Saving(str(routerctl.manifests)), "Provider") == {}
