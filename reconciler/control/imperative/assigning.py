"""`KEY=VALUE` on a command line → a field of a spec, typed as its schema says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reconciler.control.manifest.document import without_nulls
from reconciler.control.manifest.fields import OBJECT, Field, document_of
from reconciler.control.manifest.printable import printable
from reconciler.control.manifest.reader import read_text
from reconciler.control.manifest.suggestions import suggestion
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonValue
from reconciler.resources.kinds import KINDS

Path = tuple[str, ...]
CONFIG = "config"
SECRET = "secret"  # noqa: S105  the name of a type of fields


@dataclass(frozen=True, slots=True)
class Fieldset:
    """The fields of a kind's spec; of a Provider, those of its type. Fields of `config` may be named without it."""

    kind: str
    spec: Field

    def path(self, key: str) -> tuple[Path, str]:
        """The path below spec of the field that is called `key`, and its type. Raises InvalidInput for one that is none."""
        names = key.split(".")
        field, path = self.spec, list[str]()
        config = field.child(CONFIG)
        if field.child(names[0]) is None and config is not None and config.child(names[0]) is not None:
            field, path = config, [CONFIG]
        while names:
            if field.type == SECRET:
                raise _no_argument(".".join(path))
            if field.type.startswith("map["):
                return (*path, ".".join(names)), field.type.partition("]")[2]
            child = field.child(names[0])
            if child is None:
                raise InvalidInput(
                    f'a {self.kind} has no field "{printable(key)}"', hint=self._meant(field, path, names[0])
                )
            field, path = child, [*path, names.pop(0)]
        return tuple(path), field.type

    def secrets(self) -> list[Path]:
        """The fields that take a secret."""
        return [path for path, field in self.spec.walk() if field.type == SECRET]

    def _meant(self, field: Field, path: Sequence[str], name: str) -> str:
        known = [each.name for each in field.fields]
        config = self.spec.child(CONFIG)
        if not path and config is not None:
            known += [each.name for each in config.fields]
        close = suggestion(name, known)
        if close is not None:
            return f"did you mean {'.'.join([*path, close])}?"
        return f"known here: {', '.join(dict.fromkeys(known))}" if known else "it holds no fields"


def fieldset(kind: str, provider_type: str | None = None) -> Fieldset:
    spec = document_of(KINDS[kind], provider_type).child("spec")
    if spec is None:
        raise TypeError(f"{kind} has no spec")
    return Fieldset(kind, spec)


def assigned(fields: Fieldset, texts: Iterable[str], removed: Iterable[str] = ()) -> dict[Path, JsonValue]:
    """Of each KEY=VALUE, where it goes and what it is; None for what is to be taken away.

    Raises InvalidInput for a text of another form, a field that there is not, and a value of another type. A secret is
    refused: arguments can be read by others.
    """
    found: dict[Path, JsonValue] = {}
    for text in texts:
        key, sign, value = text.partition("=")
        if not sign or not key:
            raise InvalidInput(
                f'"{printable(key)}" is no KEY=VALUE', hint="write it as in --set config.timeout=90s"
            )
        path, kind = fields.path(key)
        if kind == SECRET:
            raise _no_argument(key)
        found[path] = typed(key, kind, value)
    for key in removed:
        path, _ = fields.path(key)
        found[path] = None
    return found


def typed(key: str, kind: str, text: str) -> JsonValue:
    """`text` as the type that `explain` tells. What is no list in brackets is one between commas."""
    if kind == "integer":
        return _number(key, text)
    if kind == "duration":
        return int(text) if text.isascii() and text.isdigit() else text
    if kind == "boolean":
        if text not in ("true", "false"):
            raise InvalidInput(f"{key} is true or false, not {_quoted(text)}")
        return text == "true"
    if kind.startswith("[]") and not text.startswith("["):
        return [typed(key, kind[2:], each.strip()) for each in text.split(",") if each.strip()]
    if kind == "string":
        return text
    return _yaml(key, text, strict=kind == OBJECT or kind.startswith(("map[", "[]")))


def _number(key: str, text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 16:
        raise InvalidInput(f"{key} is an integer, not {_quoted(text)}")
    return int(text)


def _yaml(key: str, text: str, *, strict: bool) -> JsonValue:
    """As a manifest has it on one line; where it is not `strict`, the text itself where none has it (a fraction, for one)."""
    reading = read_text(f"value: {text}\n".encode("utf-8", "surrogateescape"), key)
    if reading.problems or len(reading.documents) != 1:
        if not strict:
            return text
        raise InvalidInput(f"{key}: {_quoted(text)} is neither JSON nor YAML on one line")
    return without_nulls(reading.documents[0].data).get("value")


def _no_argument(key: str) -> InvalidInput:
    return InvalidInput(
        f"{key} is a secret, and no argument: others on this machine can read those",
        hint=f"say where it is: --secret {key}=env:NAME, =file:PATH, =secret:NAME/KEY, =@FILE, or =- for stdin",
    )


def _quoted(text: str) -> str:
    return f'"{printable(text)}"'
