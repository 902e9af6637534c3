"""Looking for secrets in what was written: as they are, encoded, and in part."""

import base64
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

PART = 12
"""Characters at either end that would give a secret away."""


def forms(secret: str) -> frozenset[bytes]:
    """All that must not be found. Base64 is looked for at each of its three alignments, without its edges."""
    raw = secret.encode()
    found = {raw, raw[:PART], raw[-PART:], quote(secret, safe="").encode(), quote_plus(secret).encode()}
    found |= {raw.hex().encode(), raw[::-1]}
    for shift in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            padded = encode(b"\0" * shift + raw + b"\0" * 2)
            found.add(padded[4 if shift else 0 : (shift + len(raw)) // 3 * 4])
    return frozenset(found)


def hits(folders: Iterable[Path], secrets: Mapping[str, str], spared: Iterable[Path] = ()) -> list[str]:
    """Every file below `folders` that holds a form of one of `secrets` (by name), with the name and never the value."""
    wanted = {name: forms(secret) for name, secret in secrets.items()}
    left_out = set(spared)
    return [
        f"{file} holds the secret {name}"
        for folder in folders
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file not in left_out
        for content in (file.read_bytes(),)
        for name, needles in wanted.items()
        if any(needle in content for needle in needles)
    ]
