"""A text that shows itself only when asked to."""

import hmac
from typing import NoReturn, final

MASK = "***"


@final
class SecretValue:
    """Masked in repr, str, format and whatever builds on them; equality takes constant time.

    It can't be hashed (a hash would compare contents), pickled or serialised: each raises TypeError.
    """

    __slots__ = ("_text",)
    __hash__ = None  # type: ignore[assignment]  # Python's own way to say "not hashable"

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The plaintext. Give it to what needs it and keep no name for it."""
        return self._text

    def __repr__(self) -> str:
        return f"SecretValue({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, format_spec: str) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SecretValue):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __copy__(self) -> "SecretValue":
        return self

    def __deepcopy__(self, memo: object) -> "SecretValue":
        return self

    def __getstate__(self) -> NoReturn:
        raise TypeError("a secret value can't be serialised")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret value can't be serialised")
