"""How a path says that it is an overlay's."""

from typing import Self


class Overlay(str):
    """A folder as `-k` gives it. For whoever asks whose it is, a path like any other; intake builds what stands there.

    `top`: a folder that holds all that it may be built of, where that is not for the files to say.
    """

    __slots__ = ("top",)
    top: str | None

    def __new__(cls, folder: object, top: str | None = None) -> Self:
        made = super().__new__(cls, folder)
        made.top = top
        return made

    @property
    def place(self) -> str:
        """For people: told from a folder of files by the slash at its end."""
        return f"{self or '.'}/"


def place_of(path: str) -> str:
    """For people; "" where all of a repository is read, and not an overlay at its root."""
    return path.place if isinstance(path, Overlay) else path
