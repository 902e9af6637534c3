from pathlib import Path

import pytest

from reconciler.control.manifest.document import InvalidManifests
from reconciler.errors import InvalidInput
from reconciler.library.manifests import load
from reconciler.resources.resource import ResourceKey

MODEL = "apiVersion: routerctl.dev/v1\nkind: Model\nmetadata: {name: m}\nspec: {}\n"


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(MODEL.replace("spec: {}", "spec: {alias: [x]}"))
    (tmp_path / "b.yaml").write_text(MODEL.replace("Model", "Modell"))
    with pytest.raises(InvalidManifests) as caught:
        load(tmp_path)
    assert len(caught.value.problems) == 2
    assert "a.yaml" in str(caught.value)
    assert "b.yaml" in str(caught.value)


@pytest.mark.parametrize("paths", [(), ("-",)])
def test_only_files_are_loaded(paths: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput, match="give the paths"):
        load(*paths)


def test_a_folder_without_any_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidManifests, match="nothing was read"):
        load(tmp_path)


def test_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(MODEL)
    loaded = load(tmp_path, namespace="team-a", source="s")
    assert list(loaded.resources) == [ResourceKey("Model", "team-a", "m")]
    assert loaded.warnings == ()
    wanted = loaded.wanted((), prune=True, force=False)
    assert (wanted.manager, wanted.prune) == ("git:s", True)


def test_warnings_have_their_place(tmp_path: Path) -> None:
    provider = MODEL.replace("Model", "Provider").replace(
        "spec: {}",
        'spec: {type: openai-compatible, config: {baseURL: "https://a.test", apiKey: sk-plain-text-1}}',
    )
    (tmp_path / "a.yaml").write_text(provider)
    (warning,) = load(tmp_path).warnings
    assert "a.yaml:4" in warning
    assert "sk-plain" not in warning
