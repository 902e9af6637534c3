"""Writes what the program keeps of its kinds: their structures and defaults, as their models say.

    python -m scripts.kinds [--check]

--check: writes nothing, and fails where it would.
"""

import sys

from reconciler.resources.scheme import KEPT, kept_text


def main(arguments: list[str]) -> None:
    text = kept_text()
    if not arguments:
        KEPT.write_text(text, encoding="utf-8")
    elif not KEPT.is_file() or KEPT.read_text(encoding="utf-8") != text:
        sys.exit(f"{KEPT} is not up to date: run make schemas")


if __name__ == "__main__":
    main(sys.argv[1:])
