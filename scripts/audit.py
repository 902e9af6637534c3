"""Asks for known vulnerabilities of everything that the lock files pin, with pip-audit in an environment of its own.

    python -m scripts.audit

Exit code 1 where one is known. Where pip-audit or its advisories can't be had (no network, a registry without them),
that is said, and nothing fails: a check that needs the network must not stop who has none.
"""

import json
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
HOME = ROOT / ".venv" / "audit"
LOCKS = ("runtime", "dev", "build")
SECONDS = 120


def main() -> int:
    trouble = installed()
    if trouble:
        return skipped(trouble)
    known: list[str] = []
    for name in LOCKS:
        found, trouble = vulnerabilities(ROOT / "requirements" / f"{name}.lock")
        if trouble:
            return skipped(trouble)
        known += found
    for line in known:
        print(line)
    if not known:
        print(f"audit: nothing known against requirements/{{{','.join(LOCKS)}}}.lock")
    return 1 if known else 0


def skipped(reason: str) -> int:
    print(f"audit: skipped, {reason}")
    return 0


def installed() -> str:
    """Why pip-audit can't be used; empty where it can."""
    stamp, lock = HOME / ".lock", ROOT / "requirements" / "audit.lock"
    wanted = lock.read_text(encoding="utf-8")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return ""
    venv.create(HOME, clear=True, with_pip=True)
    pip = [
        str(HOME / "bin" / "python"),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--quiet",
        "--quiet",
        "--no-input",
    ]
    try:
        done = subprocess.run(
            [*pip, "install", "--require-hashes", "--requirement", str(lock)],
            capture_output=True,
            check=False,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return "pip-audit can't be had: time ran out"
    if done.returncode:
        return "pip-audit can't be had"
    stamp.write_text(wanted, encoding="utf-8")
    return ""


def vulnerabilities(lock: Path) -> tuple[list[str], str]:
    """A line for each one that is known, or why nobody could tell."""
    command = [str(HOME / "bin" / "pip-audit"), "--progress-spinner=off", "--format=json", "--require-hashes"]
    try:
        done = subprocess.run(
            [*command, "--disable-pip", "--requirement", str(lock)],
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        told = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return [], "its advisories can't be had"
    looked_at = [each for each in told if "skip_reason" not in each]
    if len(looked_at) * 2 < len(told):
        return (
            [],
            f"its advisories can't be had ({len(looked_at)} of {len(told)} packages are known where it asked)",
        )
    return [
        f"{lock.name}: {each['name']} {each['version']}: {found['id']}"
        + (f", mended in {', '.join(found['fix_versions'])}" if found.get("fix_versions") else "")
        for each in looked_at
        for found in each["vulns"]
    ], ""


if __name__ == "__main__":
    sys.exit(main())
