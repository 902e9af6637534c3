"""What came of asking Providers, for people."""

from collections.abc import Iterator, Mapping, Sequence

from reconciler.cli.output import Palette
from reconciler.control.manifest.printable import printable
from reconciler.control.provider_report import ProviderReport

_SHOWN = 8
_COLOURS = {"ok": "green", "failed": "red", "skipped": "yellow"}


def reports_text(reports: Sequence[ProviderReport], environ: Mapping[str, str]) -> str:
    palette = Palette(environ)
    return "\n\n".join("\n".join(_lines(report, palette)) for report in reports)


def _lines(report: ProviderReport, palette: Palette) -> Iterator[str]:
    disabled = "" if report.enabled else ", disabled"
    yield f"{report.provider} ({report.type}{disabled})"
    for each in report.checks:
        took = f" ({round(each.seconds * 1000)} ms)" if each.seconds is not None else ""
        word = palette.paint(f"{each.outcome:<8}", _COLOURS[each.outcome])
        yield f"  {word} {each.check:<14} {printable(each.message)}{took}"
        if each.hint:
            yield f"{'':<26}{printable(each.hint)}"
    if report.answer is not None:
        yield f"  It said: {printable(report.answer)}"
    if report.missing:
        yield f"  Bindings name what it does not list: {printable(', '.join(report.missing))}"
    elif report.models:
        some = ", ".join(report.models[:_SHOWN])
        more = f", and {len(report.models) - _SHOWN} more" if len(report.models) > _SHOWN else ""
        yield f"  Models: {printable(some)}{more}"
