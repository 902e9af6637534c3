from fakes.command import Routerctl, manifest


def test_annotations_are_set_and_removed(routerctl: Routerctl) -> None:
    routerctl.apply(manifest("Model", "m"))
    assert routerctl.ok("annotate", "model/m", "who=ada b.c/d=e f").splitlines()[0] == "model/m annotated"
    shown = routerctl("get", "model/m", "-o", "json").json()["metadata"]
    assert (shown["annotations"], "labels" in shown) == ({"who": "ada b.c/d=e f"}, False)
    assert routerctl.ok("annotate", "model/m", "who=ada b.c/d=e f") == "model/m not annotated\n"
    assert routerctl("annotate", "model/m", "who=bob").code == 4
    assert routerctl.ok("annotate", "model/m", "who-").splitlines()[0] == "model/m annotated"
    assert "annotations" not in routerctl("get", "model/m", "-o", "json").json()["metadata"]
