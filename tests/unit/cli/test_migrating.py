"""The rest is shown by tests/unit/cli/commands/test_migrate.py."""

import io
import sys
from pathlib import Path

import pytest
from fakes.command import Routerctl

from reconciler.cli.main import run


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def asked(routerctl: Routerctl, *lines: str) -> tuple[int, str]:
    """`migrate` on a terminal, where somebody types."""
    out = Terminal()
    routerctl.monkeypatch.setattr(sys, "stdin", Terminal("".join(f"{line}\n" for line in lines)))
    routerctl.monkeypatch.setattr(sys, "stdout", out)
    return run(["--db", str(routerctl.db), "migrate", str(routerctl.folder)]), out.getvalue()


@pytest.fixture
def env(routerctl: Routerctl) -> Path:
    file = routerctl.folder / ".env"
    file.write_text("LM_STUDIO_BASE_URL=http://x/v1\nLM_STUDIO_DEFAULT_MODEL=m\n")
    return file


def test_a_wizard_asks_and_is_answered(routerctl: Routerctl, env: Path) -> None:
    (routerctl.folder / "config").mkdir()
    (routerctl.folder / "config" / "default.yaml").write_text(
        "services: {a: {type: http, base_url: 'http://x'}}\n"
    )
    out = routerctl.folder / "made"
    code, told = asked(routerctl, "1", "lm-studio-default=desk", "manifests", str(out), "y")
    assert code == 0
    assert "desk: lm-studio" in told
    assert (out / "providers" / "desk.yaml").exists()
    assert not (out / "providers" / "a.yaml").exists()
    code, told = asked(routerctl, "all", "", "store", "n")
    assert code == 2
    assert not routerctl.db.exists()
