from pathlib import Path, PurePosixPath

import pytest

from reconciler import __version__
from reconciler.control.intake import every_problem, take_in
from reconciler.control.provider_templates import TEMPLATES
from reconciler.control.scaffold import CI, scaffold


def written(folder: Path, names: list[str], ci: CI = "none") -> Path:
    for path, text in scaffold("acme", [TEMPLATES[name] for name in names], ci).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder / "manifests"


@pytest.mark.parametrize("names", [["simulator"], ["openai", "simulator"], [*TEMPLATES]])
def test_what_is_written_is_valid_at_once(tmp_path: Path, names: list[str]) -> None:
    intake = take_in([str(written(tmp_path, names))])
    assert [str(problem) for problem in every_problem(intake, closed=True)] == []
    providers = [item.key.name for item in intake.declared if item.key.kind == "Provider"]
    assert sorted(providers) == sorted(names)


def test_the_first_is_the_active_one_and_takes_what_no_model_has(tmp_path: Path) -> None:
    settings = (written(tmp_path, ["groq", "openai"]) / "settings.yaml").read_text(encoding="utf-8")
    assert settings.endswith("spec:\n  activeProvider: groq\n  unknownModels: forward\n")
    assert not (tmp_path / "manifests/models").exists()


@pytest.mark.parametrize(
    ("ci", "path"), [("github", ".github/workflows/routing.yaml"), ("gitlab", ".gitlab-ci.yml")]
)
def test_ci_checks_the_manifests(ci: CI, path: str) -> None:
    text = scaffold("acme", [TEMPLATES["openai"]], ci)[PurePosixPath(path)]
    assert f"routerctl=={__version__}" in text
    assert "routerctl validate -f manifests --closed" in text
    assert "{" not in text


def test_secrets_are_kept_out_of_git() -> None:
    files = scaffold("acme", [TEMPLATES["openai"]], "none")
    assert "secrets/\n" in files[PurePosixPath(".gitignore")]
    assert "source: acme\n" in files[PurePosixPath("routerctl.yaml")]
