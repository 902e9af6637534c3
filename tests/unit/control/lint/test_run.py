from fakes.linting import ids, linted

from reconciler.control.lint.rule import Severity
from reconciler.control.lint.run import Report, lint
from reconciler.control.manifest.document import Problem

PROVIDER = """\
kind: Provider
metadata: {name: p}
spec:
  type: openai-compatible
  config:
    baseURL: http://a.example.com/v1
    timeout: 1s
"""
BOTH = ["unused-provider", "http-to-public-host", "timeout-too-short"]


def test_findings_come_in_the_order_of_their_places() -> None:
    report = linted(PROVIDER)
    assert ids(report) == BOTH
    assert [finding.location.line for finding in report.findings if finding.location] == [3, 7, 8]
    assert report.worst() is Severity.WARNING
    assert (report.count(Severity.WARNING), report.count(Severity.INFO), report.silenced) == (2, 1, 0)


def test_a_comment_silences_its_rule_on_its_line() -> None:
    text = PROVIDER.replace("com/v1", "com/v1 # routerctl-lint: disable=http-to-public-host a test host")
    report = linted(text)
    assert (ids(report), report.silenced) == (["unused-provider", "timeout-too-short"], 1)


def test_a_comment_above_a_line() -> None:
    text = PROVIDER.replace("    timeout", "    # routerctl-lint: disable=timeout-too-short\n    timeout")
    assert ids(linted(text)) == ["unused-provider", "http-to-public-host"]


def test_a_comment_for_the_document_and_one_for_the_file() -> None:
    for verb in ("disable", "disable-file"):
        text = f"# routerctl-lint: {verb}={','.join(BOTH)} all of it\n{PROVIDER}"
        assert (ids(linted(text)), linted(text).silenced) == ([], 3)
    other = PROVIDER.replace("name: p", "name: q")
    assert ids(linted(f"{PROVIDER}---\n# routerctl-lint: disable={','.join(BOTH)}\n{other}")) == BOTH


def test_a_comment_that_says_nothing_is_told_with_each_id() -> None:
    text = PROVIDER.replace("1s", "1s # routerctl-lint: disable=timeout-too-short,timeout-too-long")
    (finding,) = [each for each in linted(text).findings if each.rule == "unused-suppression"]
    assert finding.message == '"timeout-too-long" says nothing here'


def test_ids_that_are_none_are_told() -> None:
    text = PROVIDER.replace("1s", "1s # routerctl-lint: disable=timeout-to-short,xyzzy,invalid")
    told = [each.text for each in linted(text).findings if each.rule == "bad-suppression"]
    assert told == [
        'there is no rule "timeout-to-short"; did you mean "timeout-too-short"?',
        'there is no rule "xyzzy"; see lint --list',
        '"invalid" can\'t be silenced; mend what it says',
    ]


def test_a_comment_that_is_not_understood_is_told() -> None:
    assert ids(linted(f"{PROVIDER}# routerctl-lint: off\n")) == [*BOTH, "bad-suppression"]


def test_a_rule_that_is_disabled_says_nothing_and_its_comments_are_not_unused() -> None:
    text = PROVIDER.replace("1s", "90s # routerctl-lint: disable=timeout-too-short")
    assert "unused-suppression" in ids(linted(text))
    assert ids(linted(text, disabled=["timeout-too-short", "unused-provider"])) == ["http-to-public-host"]
    silenced = PROVIDER.replace("1s", "1s # routerctl-lint: disable=timeout-too-short")
    assert linted(silenced, disabled=["timeout-too-short"]).silenced == 0


def test_an_error_is_final_and_hides_nothing_of_other_documents() -> None:
    broken = (
        "# routerctl-lint: disable-file=invalid\n"
        + PROVIDER
        + "---\nkind: Model\nmetadata: {name: m}\nspec: {x: 1}\n"
    )
    report = linted(broken)
    expected = ["bad-suppression", "http-to-public-host", "timeout-too-short", "unused-provider", "invalid"]
    assert sorted(ids(report)) == sorted(expected)
    assert report.worst() is Severity.ERROR


def test_what_has_errors_is_there_for_others_and_is_not_judged_itself() -> None:
    broken = PROVIDER + "---\nkind: Model\nmetadata: {name: m}\nspec: {}\n"
    broken += "---\nkind: Binding\nmetadata: {name: b}\nspec: {model: m, provider: p, weight: 0, x: 1}\n"
    name = PROVIDER.partition("name: ")[2].partition("}")[0]
    report = linted(broken.replace("provider: p,", f"provider: {name},"))
    assert "unused-provider" not in ids(report), "the Binding names it"
    assert all("Binding" not in str(each.key) for each in report.findings if each.rule != "invalid")


def test_what_looks_at_several_waits_for_a_document_that_nobody_can_read() -> None:
    assert ids(linted(PROVIDER + "---\nkind: Odd\n")) == [
        "http-to-public-host",
        "timeout-too-short",
        "invalid",
    ]


def test_with_errors_no_comment_is_called_unused() -> None:
    broken = PROVIDER.replace("1s", "90s # routerctl-lint: disable=single-provider") + "---\nkind: Odd\n"
    assert "unused-suppression" not in ids(linted(broken))


def test_a_warning_about_the_machine_is_none_about_files() -> None:
    assert lint([], [Problem(None, "slow", warning=True)], {}) == Report(())
    assert Report(()).worst() is None
