from pathlib import Path

from reconciler.control.kustomize.entrance import Overlay, build


def test_an_overlay_is_built(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: [model.yaml]\nnamePrefix: a-\n")
    (tmp_path / "model.yaml").write_text(
        "apiVersion: routerctl.dev/v1\nkind: Model\nmetadata: {name: m}\nspec: {}\n"
    )
    reading = build(Overlay(tmp_path))
    assert reading.problems == ()
    assert [document.data["metadata"] for document in reading.documents] == [{"name": "a-m"}]
