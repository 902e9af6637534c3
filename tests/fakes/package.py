"""A package as installers leave it: its modules, and what is written down of it. Nothing is downloaded or run."""

from pathlib import Path

GROUP = "routerctl.provider_types"


def install(
    site: Path, name: str, entry_points: str, modules: dict[str, str] | None = None, version: str = "1.0.0"
) -> Path:
    """Into the folder `site`, which is to be on sys.path. `entry_points` are the lines of the group."""
    folder = site / f"{name}-{version}.dist-info"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (folder / "entry_points.txt").write_text(f"[console_scripts]\nother = x:y\n\n[{GROUP}]\n{entry_points}\n")
    for path, text in (modules or {}).items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(text)
    return folder
