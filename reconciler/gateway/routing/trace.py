"""How a decision came about, for people: collected only where somebody asks."""

from dataclasses import dataclass, field

from reconciler.snapshot.model import RoutedCandidate

MAX_TEXT = 1000
"""Characters of a header."""


@dataclass(slots=True)
class Trace:
    """`missed` are Routes that did not match, `skipped` targets or bindings that were passed over, each with the reason."""

    model: str | None = None
    route: str | None = None
    strategy: str = ""
    missed: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    order: tuple[RoutedCandidate, ...] = ()
    by_client: bool = False
    """Whether strategy sticky goes by who asks."""

    def text(self, revision: int) -> str:
        """One line of ASCII, cut at MAX_TEXT."""
        parts = [f"revision={revision}", f"model={self.model or '-'}", f"route={self.route or '-'}"]
        if self.strategy:
            parts.append(f"strategy={self.strategy}")
        tried = (f"{each.candidate.provider}:{each.upstream_model}" for each in self.order)
        parts.append("order=" + (",".join(tried) or "-"))
        parts += [f"skipped={label} ({reason})" for label, reason in self.skipped]
        parts += [f"missed={name} ({reason})" for name, reason in self.missed]
        told = _ascii("; ".join(parts))
        return told if len(told) <= MAX_TEXT else f"{told[: MAX_TEXT - 3]}..."


def _ascii(text: str) -> str:
    return "".join(c if " " <= c <= "~" else "?" for c in text)
