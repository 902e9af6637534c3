"""The digest of the code that describes and checks resources: what was once found with it holds for the same code."""

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from reconciler import __version__, extensions

DESCRIBING = ("resources", "provider_types", "field_types.py", "field_values.py", "json_types.py")
"""The code that says what the kinds are, below this package."""
_EXTENDED = "provider_types"
"""Other packages add to it."""
_PACKAGE = Path(__file__).parents[1]


@cache
def code_digest(*names: str) -> bytes:
    """Over the files and folders below this package that are named: another release, or an edit of this one, has another. So
    has one that a package adds provider types to.
    """
    digest = hashlib.sha256(__version__.encode())
    for name in names:
        for file in _sources(_PACKAGE / name):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    if _EXTENDED in names:
        digest.update(extensions.digest(extensions.PROVIDER_TYPE_GROUP))
    return digest.digest()


def _sources(place: Path) -> Iterator[Path]:
    if place.suffix == ".py":
        yield place
    elif place.is_dir():
        for child in sorted(place.iterdir()):
            yield from _sources(child)
