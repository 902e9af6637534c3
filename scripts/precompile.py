"""Compile what routerctl imports, so that no first start is slow, nor every one where Python is told to write no bytecode.

    python scripts/precompile.py

Importing is what compiles it: just the modules that are used, of ours and of the libraries.
"""

import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

ROOT = Path(__file__).resolve().parents[1]
LATE = ("deepdiff.diff",)
"""What is imported only when it is needed."""


def main() -> None:
    sys.dont_write_bytecode = False
    sys.path.insert(0, str(ROOT))
    for module in walk_packages([str(ROOT / "reconciler")], "reconciler."):
        try:
            import_module(module.name)
        except ModuleNotFoundError as missing:
            if (missing.name or "").startswith("reconciler"):
                raise  # else it needs an extra
    for name in LATE:
        import_module(name)


if __name__ == "__main__":
    main()
