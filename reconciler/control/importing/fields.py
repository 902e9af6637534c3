"""A mapping of the source that knows which of its fields were looked at: what nobody took is a loss, never forgotten."""

from collections.abc import Iterator, Mapping

from reconciler.json_types import JsonObject, JsonValue


class Fields:
    """`where` is how its fields begin in reports: `services.ollama`. A null is a field that is not there."""

    def __init__(self, values: Mapping[str, JsonValue], where: str = "") -> None:
        self._values = {str(name): value for name, value in values.items() if value is not None}
        self._where = where

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def field(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name

    def take(self, name: str) -> JsonValue:
        return self._values.pop(name, None)

    def text(self, name: str) -> str | None:
        """Numbers are read as their text; blanks around it go, and what is empty then is not there."""
        value = self.take(name)
        if isinstance(value, bool) or not isinstance(value, str | int):
            self._put_back(name, value)
            return None
        return str(value).strip() or None

    def integer(self, name: str) -> int | None:
        value = self.take(name)
        found = integer_of(value)
        if found is None:
            self._put_back(name, value)
        return found

    def truth(self, name: str) -> bool | None:
        value = self.take(name)
        found = truth_of(value)
        if found is None:
            self._put_back(name, value)
        return found

    def texts(self, name: str) -> list[str]:
        """The texts of a list, or a single one."""
        value = self.take(name)
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list):
            self._put_back(name, value)
            return []
        return [item.strip() for item in value if isinstance(item, str) and item.strip()]

    def mapping(self, name: str) -> "Fields":
        value = self.take(name)
        if not isinstance(value, dict):
            self._put_back(name, value)
            return Fields({}, self.field(name))
        return Fields(value, self.field(name))

    def mappings(self, name: str) -> Iterator["Fields"]:
        """Of a list, each as `name[0]`."""
        value = self.take(name)
        if not isinstance(value, list):
            self._put_back(name, value)
            return
        for place, item in enumerate(value):
            inner = item if isinstance(item, dict) else {"": item}
            yield Fields(inner, f"{self.field(name)}[{place}]")

    def rest(self) -> JsonObject:
        """What nobody took, by its whole name; it is taken then."""
        left: JsonObject = {
            self.field(name) if name else self._where: value for name, value in self._values.items()
        }
        self._values = {}
        return left

    def names(self) -> list[str]:
        return list(self._values)

    def _put_back(self, name: str, value: JsonValue) -> None:
        if value is not None and value != "":
            self._values[name] = value


def integer_of(value: JsonValue) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    text = value.strip() if isinstance(value, str) else ""
    sign = text[:1] in "+-" if text else False
    digits = text[1:] if sign else text
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) <= 15 else None


_TRUE, _FALSE = frozenset({"true", "1", "yes", "on"}), frozenset({"false", "0", "no", "off"})


def truth_of(value: JsonValue) -> bool | None:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    return True if word in _TRUE else False if word in _FALSE else None


def duration(milliseconds: int) -> str | None:
    """As manifests have it; None for what bounds nothing. Above 100 s, whole seconds, rounded up."""
    if milliseconds <= 0:
        return None
    if milliseconds % 1000 and milliseconds <= _MOST:
        return f"{milliseconds}ms"
    seconds = -(-milliseconds // 1000)
    if seconds <= _MOST:
        return f"{seconds}s"
    minutes, rest = divmod(min(seconds, _MOST * 60), 60)
    return f"{minutes}m{rest}s" if rest else f"{minutes}m"


_MOST = 99_999
"""Of each unit, in one text."""
