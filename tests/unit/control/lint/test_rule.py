from reconciler.control.lint.rule import SEVERITIES, Finding, Severity
from reconciler.control.manifest.document import Location
from reconciler.resources.resource import ResourceKey


def test_severities_have_an_order_and_words() -> None:
    assert SEVERITIES == ("error", "warning", "info")
    assert Severity.ERROR > Severity.WARNING > Severity.INFO


def test_a_finding_is_one_line() -> None:
    finding = Finding(
        "single-provider",
        Severity.INFO,
        Location("a.yaml", 3, 1),
        "only one",
        ResourceKey("Model", "default", "m"),
        "metadata.name",
        "bind it",
    )
    assert str(finding) == "a.yaml:3:1: info[single-provider]: Model/m: metadata.name: only one; bind it"


def test_a_finding_without_place_and_subject() -> None:
    assert str(Finding("invalid", Severity.ERROR, None, "no")) == "error[invalid]: no"


def test_a_name_moves_no_cursor() -> None:
    finding = Finding("invalid", Severity.ERROR, None, "no", ResourceKey("Model", "default", "a\x1b[2J"))
    assert str(finding) == "error[invalid]: Model/a\\x1b[2J: no"
