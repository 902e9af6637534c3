"""Which resources the target of a patch means."""

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.control.kustomize.kustomization import Selection
from reconciler.control.kustomize.label_selector import SelectorError, Term, parse_selector
from reconciler.control.kustomize.pattern import Pattern, PatternError, compile_pattern
from reconciler.control.kustomize.piece import Piece


class TargetError(Exception):
    """`word` is the field of the target that is wrong."""

    def __init__(self, word: str, message: str) -> None:
        super().__init__(message)
        self.word = word


@dataclass(frozen=True, slots=True)
class Target:
    """Patterns have to fit the whole text. Name and namespace: the present or the first one."""

    patterns: Mapping[str, Pattern]
    labels: tuple[Term, ...] = ()
    annotations: tuple[Term, ...] = ()

    @property
    def cost(self) -> int:
        """How long one comparison takes, in steps."""
        terms = len(self.labels) + len(self.annotations)
        return 1 + terms + sum(pattern.cost for pattern in self.patterns.values())

    def fits(self, piece: Piece) -> bool:
        present, first = piece.identity, piece.original
        known = {
            "group": (present.group,),
            "version": (present.version,),
            "kind": (present.kind,),
            "name": (first.name, present.name),
            "namespace": (first.namespace, present.namespace),
        }
        return (
            all(any(map(pattern.matches, known[word])) for word, pattern in self.patterns.items())
            and _hold(self.labels, piece, "labels")
            and _hold(self.annotations, piece, "annotations")
        )


def _hold(terms: tuple[Term, ...], piece: Piece, name: str) -> bool:
    texts = piece.texts(name) if terms else {}
    return all(term.holds(texts) for term in terms)


def target_of(selection: Selection) -> Target:
    """Raises TargetError."""
    patterns = {}
    for word in ("group", "version", "kind", "name", "namespace"):
        text = getattr(selection, word)
        if text:
            try:
                patterns[word] = compile_pattern(text)
            except PatternError as error:
                raise TargetError(word, f"no usable pattern: {error}") from None
    return Target(
        patterns,
        _terms("labelSelector", selection.label_selector),
        _terms("annotationSelector", selection.annotation_selector),
    )


def _terms(word: str, text: str | None) -> tuple[Term, ...]:
    try:
        return parse_selector(text or "")
    except SelectorError as error:
        raise TargetError(word, str(error)) from None
