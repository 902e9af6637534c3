"""As much of HTTP/1.1 as the two ends of a measurement need: both know what the other sends."""

import re

_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:\s*chunked", re.IGNORECASE)
LAST_CHUNK = b"0\r\n\r\n"


RECEIVED = 1 << 16
"""Bytes that are asked of a socket at a time."""


def request_is_whole(received: bytes) -> bool:
    end = received.find(b"\r\n\r\n") + 4
    return end >= 4 and len(received) >= end + _body_length(received[:end])


def _body_length(head: bytes) -> int:
    found = _LENGTH.search(head)
    return int(found[1]) if found else 0


def answer_is_whole(received: bytes) -> bool:
    """Whether one answer has come to its end. A chunked body must not end in what looks like its last chunk before."""
    end = received.find(b"\r\n\r\n") + 4
    if end < 4:
        return False
    head = received[:end]
    if _CHUNKED.search(head):
        return received.endswith(LAST_CHUNK) and len(received) > end
    return len(received) >= end + _body_length(head)
