from pathlib import Path

import pytest
from fakes.command import Routerctl

from reconciler.cli.commands import init


def test_a_folder_that_can_be_served_at_once(routerctl: Routerctl, tmp_path: Path) -> None:
    folder = tmp_path / "routing"
    done = routerctl("init", folder, "--template", "openai", "--template", "simulator")
    assert done.out.splitlines()[-1] == "5 resources in 4 files: valid."
    assert "export OPENAI_API_KEY=..." in done.err
    assert (folder / "routerctl.yaml").read_text().endswith("source: routing\n")
    assert (folder / ".github/workflows/routing.yaml").exists()
    routerctl.ok("validate", "-f", folder / "manifests", "--closed")
    applied = routerctl.ok("apply", "-f", folder / "manifests")
    assert "Revision 1" in applied
    assert routerctl.ok(
        "get", "provider/openai", "-o", "jsonpath={.metadata.managedFields[0].manager}"
    ).strip() == ("git:routing")


def test_what_is_there_is_kept(routerctl: Routerctl, tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    out = routerctl.ok("init", tmp_path, "--ci", "none", "--source", "acme")
    assert f"kept     {tmp_path}/.gitignore" in out
    assert (tmp_path / ".gitignore").read_text() == "mine\n"
    assert out.splitlines()[-1].endswith("valid.")


def test_a_template_is_asked_for(
    routerctl: Routerctl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(init, "somebody_answers", lambda: True)
    assert routerctl("init", tmp_path / "a", stdin="ollama\n").code == 0
    assert (tmp_path / "a/manifests/providers/ollama.yaml").exists()


def test_which_templates_there_are(routerctl: Routerctl) -> None:
    lines = routerctl.ok("init", "--list-templates").splitlines()
    assert lines[0].split()[0] == "TEMPLATE"
    assert "https://api.groq.com/openai/v1" in "\n".join(lines)
    done = routerctl("init", "--template", "olama")
    assert (done.code, "did you mean ollama?" in done.err) == (3, True)


def test_a_folder_that_can_not_be_written(routerctl: Routerctl, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    done = routerctl("init", tmp_path / "file")
    assert (done.code, "can't be written" in done.err) == (3, True)


def test_what_is_not_valid_is_told(routerctl: Routerctl, tmp_path: Path) -> None:
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests/settings.yaml").write_text("kind: Nonsense\n")
    assert routerctl("init", tmp_path).code == 3
