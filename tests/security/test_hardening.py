"""The unit and the container file that we ship keep what their documents say."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "examples" / "systemd" / "routerctl.service"
CONTAINER = ROOT / "Containerfile"
WANTED = {
    "DynamicUser=yes", "NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "UMask=0077",
    "PrivateDevices=yes", "CapabilityBoundingSet=", "MemoryDenyWriteExecute=yes", "RestrictNamespaces=yes", "LimitCORE=0",
    "SystemCallFilter=@system-service", "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX", "StateDirectoryMode=0700",
    "LoadCredential=encryption-key:/etc/routerctl/encryption.key", "ProtectProc=invisible", "KillMode=mixed",
}  # fmt: skip
EXPOSURE = 20
"""Tenths; systemd calls up to 2.0 OK and up to 1.0 SAFE."""


def test_the_unit_keeps_its_sandbox() -> None:
    lines = set(UNIT.read_text(encoding="utf-8").splitlines())
    assert lines >= WANTED
    assert not [
        line for line in lines if line.startswith(("User=root", "Environment=ROUTERCTL_ENCRYPTION_KEY="))
    ]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_rates_the_unit_as_it_is_documented() -> None:
    command = [
        "systemd-analyze",
        "security",
        "--offline=true",
        "--no-pager",
        f"--threshold={EXPOSURE}",
        str(UNIT),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if "unrecognized option" in done.stderr or "Failed to" in done.stderr:
        pytest.skip("this systemd can't rate a file by itself")
    assert done.returncode == 0, done.stdout[-400:] + done.stderr


def test_the_container_runs_as_nobody_in_particular_and_installs_by_hash() -> None:
    text = CONTAINER.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    final = lines[max(number for number, line in enumerate(lines) if line.startswith("FROM")) :]
    user = next(line for line in final if line.startswith("USER")).split()[1]
    assert int(user.split(":")[0]) > 0
    assert not [line for line in final if line.startswith("RUN") and "pip install" in line]
    assert [
        line for line in final if line.startswith("RUN") and "pip uninstall" in line and "chmod a-s" in line
    ]
    (health,) = [line for line in final if line.startswith("HEALTHCHECK")]
    assert "'127.0.0.1', 8485" in health
    installs = re.findall(r"-m pip install ([^&]*)", text)
    assert installs
    assert [
        each
        for each in installs
        if "--require-hashes" not in each and not each.startswith("--no-deps --no-build-isolation .")
    ] == []
    assert not re.search(r"^ADD |curl|wget|--privileged|ROUTERCTL_ENCRYPTION_KEY=", text, re.MULTILINE)
    assert '"serve", "--listen", "0.0.0.0:8484"' in final[-1], "management is not exposed"
    for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE):
        *sources, _ = line.split()
        assert all((ROOT / source).exists() for source in sources), line


def test_a_build_sees_what_it_copies_and_nothing_else() -> None:
    """No checkout has a secret, a history or an environment that could come into the image."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    copied = re.findall(r"^COPY (?!--from)(.*)$", CONTAINER.read_text(encoding="utf-8"), re.MULTILINE)
    sources = {source.partition("/")[0] for line in copied for source in line.split()[:-1]}
    assert rules[0] == "*"
    assert {rule.removeprefix("!") for rule in rules if rule.startswith("!")} == sources
    assert {"**/__pycache__", "reconciler/native"} <= set(rules)
