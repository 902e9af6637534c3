"""What others call things → names that a resource can have: the same one each time, and each one once."""

import re

from reconciler.field_values import MAX_TEXT

_ODD = re.compile(r"[^A-Za-z0-9._-]+")
_EDGES = "._-"
_LONGEST = 200
_VARIABLE = re.compile(r"[^A-Z0-9]+")


class Names:
    """Of one kind. Two that differ only in case would be one name for some."""

    def __init__(self) -> None:
        self._by_text: dict[str, str] = {}
        self._taken: set[str] = set()

    def of(self, text: str) -> str:
        if text not in self._by_text:
            self._by_text[text] = self._free(object_name(text))
        return self._by_text[text]

    def known(self, text: str) -> str | None:
        return self._by_text.get(text)

    def another(self, text: str) -> str:
        """One more of the same name."""
        return self._free(object_name(text))

    def _free(self, name: str) -> str:
        free, count = name, 1
        while free.casefold() in self._taken:
            count += 1
            free = f"{name}-{count}"
        self._taken.add(free.casefold())
        return free


def object_name(text: str) -> str:
    """`qwen/qwen3:8b` → `qwen-qwen3-8b`; `openai/*` → `openai-any`."""
    return _ODD.sub("-", text.replace("*", "any"))[:_LONGEST].strip(_EDGES) or "unnamed"


def client_name(text: str) -> str | None:
    """What clients may ask for; None for a text that can't be one."""
    stripped = text.strip()
    return stripped if 0 < len(stripped) <= MAX_TEXT and stripped.isprintable() else None


def variable_of(provider: str, ending: str = "API_KEY") -> str:
    """The variable that is to hold a provider's key. Its ending is one that the gateway may read unless told otherwise."""
    stem = _VARIABLE.sub("_", provider.upper()).strip("_") or "PROVIDER"
    if not stem[0].isalpha() or stem.startswith("ROUTERCTL"):
        stem = f"PROVIDER_{stem}"
    return f"{stem}_{ending}"
