"""Recorded exchanges of real providers, where they lie beside the repository."""

import json
from pathlib import Path

import pytest

_RECORDED = Path(__file__).parents[3] / "shared" / "fixtures" / "wire"


def recorded(path: str) -> bytes:
    """The bytes of one recording, such as `edge/no-done.sse`; skips the test where it is missing."""
    file = _RECORDED / path
    if not file.is_file():
        pytest.skip(f"the recorded exchange {path} is not beside the repository")
    return file.read_bytes()


def recordings(pattern: str) -> list[str]:
    """Paths below the recordings' folder; empty where there are none."""
    return sorted(str(file.relative_to(_RECORDED)) for file in _RECORDED.glob(pattern))


def streamed(path: str) -> list[bytes]:
    """The body of each streamed answer of an `exchange-*.json` recording."""
    recording = json.loads(recorded(path))
    exchanges = recording if isinstance(recording, list) else [recording]
    bodies = [exchange["response"]["body"] for exchange in exchanges]
    return [body.encode() for body in bodies if isinstance(body, str)]
