"""Put the openai package of npm into build/npm, or say in a sentence why that can't be done.

    python scripts/fetch_openai_npm.py

Exit code 0: it is there; 1: not, and the reason is on stderr. Only a test uses it, and is skipped without it. What is
installed is checked against the hash in tests/data/npm; no script of a package is run.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "tests" / "data" / "npm"
PLACE = ROOT / "build" / "npm"
DOWNLOAD_SECONDS = 300


class Unavailable(Exception):
    """Why there is none."""


def install() -> None:
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise Unavailable("there is no node, or no npm")
    PLACE.mkdir(parents=True, exist_ok=True)
    for file in LOCK.iterdir():
        shutil.copy(file, PLACE)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        done = subprocess.run(
            command, cwd=PLACE, capture_output=True, text=True, check=False, timeout=DOWNLOAD_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(f"the download took more than {DOWNLOAD_SECONDS} s") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise Unavailable(lines[-1] if lines else "npm failed")


def main() -> int:
    try:
        install()
    except (Unavailable, OSError) as error:
        print(f"no openai package of npm: {error}; its test is skipped", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
