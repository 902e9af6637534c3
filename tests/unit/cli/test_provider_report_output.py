from reconciler.cli.provider_report_output import reports_text
from reconciler.control.provider_report import Checked, ProviderReport
from reconciler.resources.resource import ResourceKey

KEY = ResourceKey("Provider", "default", "p")
CHECKS = (
    Checked("built", "ok", "it was built"),
    Checked("reachable", "ok", "it answers", seconds=0.0123),
    Checked("models", "failed", "it lists none", "check baseURL"),
)


def test_each_check_is_a_line_and_a_hint_stands_below() -> None:
    report = ProviderReport(KEY, "ollama", enabled=False, checks=CHECKS, missing=("gone",), answer="pong\x1b")
    assert reports_text([report], {}).splitlines() == [
        "Provider/p (ollama, disabled)",
        "  ok       built          it was built",
        "  ok       reachable      it answers (12 ms)",
        "  failed   models         it lists none",
        "                          check baseURL",
        "  It said: pong\\x1b",
        "  Bindings name what it does not list: gone",
    ]


def test_some_of_its_models() -> None:
    models = tuple(f"m{number}" for number in range(10))
    report = ProviderReport(KEY, "ollama", enabled=True, checks=(), models=models)
    few = ProviderReport(KEY, "ollama", enabled=True, checks=(), models=("a", "b"))
    assert reports_text([report, few], {}) == (
        "Provider/p (ollama)\n  Models: m0, m1, m2, m3, m4, m5, m6, m7, and 2 more\n\n"
        "Provider/p (ollama)\n  Models: a, b"
    )
