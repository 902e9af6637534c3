"""Text from files and the store, fit for a terminal: nothing in it moves the cursor, turns writing round or rings."""


def printable(text: str) -> str:
    """`text` with everything escaped that is no printable character: line breaks, controls, direction marks."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )
