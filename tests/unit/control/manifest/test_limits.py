"""Hostile sizes: refused, with a place, before they cost anything."""

import tracemalloc

import pytest

from reconciler.control.manifest import limits
from reconciler.control.manifest.reader import read_text


def bomb(levels: int = 12, width: int = 9) -> str:
    lines = [f"a0: &a0 [{', '.join(['x'] * width)}]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(lines)


HOSTILE = {
    "billion laughs": (bomb(), "the aliases of this document expand to too much"),
    "aliases deep inside one another": (
        "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 200)),
        "the aliases of this document expand to too much",
    ),
    "a long text, many times": (
        "a: &a " + "x" * 500_000 + "\nb: [" + "*a, " * 1000 + "]",
        "the aliases of this document expand to too much",
    ),
    "a long key, many times": (
        "a: &a {? " + "x" * 500_000 + " : 1}\nb: [" + "*a, " * 1000 + "]",
        "the aliases of this document expand to too much",
    ),
    "flow depth": ("a: " + "[" * 10_000, "more than 64 collections inside one another"),
    "block depth": (
        "\n".join(" " * n + "a:" for n in range(1000)),
        "more than 64 collections inside one another",
    ),
    "keys as keys": ("? " * 10_000, "a key must be text"),
    "many keys": (
        "".join(f"k{n}: 1\n" for n in range(20_000)),
        "the document has more than 20000 keys and values",
    ),
    "a million keys": (
        "".join(f"k{n}: 1\n" for n in range(1_000_000)),
        "the document is larger than 1024 KiB",
    ),
    "a long text": ("a: " + "x" * 2_000_000, "the document is larger than 1024 KiB"),
    "a large file": ("a: " + "x" * limits.MAX_FILE_BYTES, "larger than 32 MiB"),
    "many documents": ("---\n" * (limits.MAX_DOCUMENTS + 1), "more than 100000 documents"),
    "a long number": ("a: " + "9" * 1_000_000, "the integer is too large"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_sizes_are_refused(name: str) -> None:
    text, message = HOSTILE[name]
    content = text.encode()
    tracemalloc.start()
    try:
        reading = read_text(content, "f")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert all(document.faulty for document in reading.documents)
    assert [problem.message for problem in reading.problems] == [message]
    assert reading.problems[0].hint
    assert peak < 50_000_000


def test_what_is_within_the_limits_is_read() -> None:
    deep = "a: " + "[" * 63 + "]" * 63
    wide = "".join(f"k{n}: 1\n" for n in range(9_000))
    aliased = "a: &a [" + "x, " * 90 + "]\nb: [" + "*a, " * 90 + "]"
    reading = read_text(f"{deep}\n---\n{wide}\n---\n{aliased}", "f")
    assert reading.problems == ()
    assert len(reading.documents) == 3


def test_errors_of_one_document_are_bounded() -> None:
    reading = read_text("a: [" + "1.5, " * 1000 + "]", "f")
    assert len(reading.problems) == limits.MAX_DOCUMENT_PROBLEMS


def test_errors_of_one_file_are_bounded() -> None:
    reading = read_text("---\na: 1.5\n" * 5_000, "f")
    assert len(reading.problems) == limits.MAX_FILE_PROBLEMS + 1
    assert reading.problems[-1].message == "too many errors; the rest of the file was not read"
