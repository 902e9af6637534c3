"""Which word was probably meant."""

import difflib
from collections.abc import Iterable


def suggestion(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was probably meant to be."""
    names = list(known)
    lowered = {name.lower(): name for name in names}
    exact = lowered.get(word.lower())
    if exact is not None:
        return exact
    close = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.7)
    return lowered[close[0]] if close else None
