import subprocess

import pytest
from fakes.command import Routerctl


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_each_shell(routerctl: Routerctl, shell: str) -> None:
    script = routerctl.ok("completion", shell)
    assert f"_ROUTERCTL_COMPLETE={shell}_complete" in script


def test_bash_takes_its_script(routerctl: Routerctl) -> None:
    script = routerctl.ok("completion", "bash")
    assert "nospace" in script
    subprocess.run(["bash", "-n"], input=script.encode(), check=True, timeout=120)


def test_another_shell(routerctl: Routerctl) -> None:
    assert routerctl("completion", "tcsh").code == 2
