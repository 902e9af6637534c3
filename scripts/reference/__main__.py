"""Writes all pages of docs/reference/.

    python -m scripts.reference [DIR]

DIR: where to, docs/reference by default.
"""

import sys
from pathlib import Path

from scripts.reference.pages import PAGES


def main(arguments: list[str]) -> None:
    folder = Path(arguments[0] if arguments else "docs/reference")
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")
    print(f"{len(PAGES)} pages written to {folder}")


if __name__ == "__main__":
    main(sys.argv[1:])
