import re

import pytest
from fakes.states import stored
from hypothesis import given
from hypothesis import strategies as st

from reconciler.cli.markdown_output import DEFAULT_SIZE, LEAST_SIZE, code_span, review_markdown
from reconciler.control.drift import Drift
from reconciler.control.ownership.apply import FieldConflict
from reconciler.control.plan.effects import Effect, Impact
from reconciler.control.plan.model import Action, Change, Plan, ResourceConflict, Waiting
from reconciler.control.review import Dependent, Review
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.store.records import Revision

P, M = ResourceKey("Provider", "default", "p"), ResourceKey("Model", "default", "m")
EVIL = [
    "```", "````diff", "`", "\\`", "|", "\\|", "\\\\|", "\n", "\r\n```\r\n", "</details>", "<img src=x onerror=a>", "@ada",
    "#1", "https://a.example", "www.a.example", "a@b.example", "[a](https://b)", "![](x)", "**", "~~~", "---", "- ", "> ",
    "&lt;", "\u2028", "\x1b[2J", "x", " ", "`` ` ``", "$x$", ":x:", "\\", "@@ x @@",
]  # fmt: skip
evil_texts = st.lists(st.sampled_from(EVIL), min_size=1, max_size=6).map("".join)


def update(before: str, after: str, key: ResourceKey = P, path: str = "a.yaml") -> Change:
    old, new = (Resource(key, {"type": "simulator", "displayName": text}) for text in (before, after))
    return Change(Action.UPDATE, key, stored(old), new, (), "acme", path)


def everything(text: str) -> Review:
    """A review in which `text` stands wherever somebody can write one."""
    night = Revision(7, 6, "t", text, None, None, dirty=False, message=text, operation="patch", digest="d")
    plan = Plan(
        7,
        (update("old", text, P, text),),
        conflicts=(ResourceConflict(M, (FieldConflict("spec.description", text, "t", text, "other"),)),),
        releases=((M, text),),
        waiting=(Waiting(M, text),),
    )
    effects = (
        Effect("default-model", "default", "", (text, "m"), ("x",)),
        Effect("vanished-name", "default", text, ("m",), ()),
    )
    drift = Drift(P, "spec.displayName", text, "live", secret=False, manager=text, revision=night)
    return Review(
        plan,
        frozenset({(M, "spec.k")}),
        Impact(effects),
        (drift,),
        {P: (Dependent(M, text, stranded=True),)},
    )


def cells(row: str) -> list[str]:
    """A row of a table as GitHub splits it: a backslash takes the next character along."""
    return re.findall(r"(?<=\|)(?:\\.|[^|\\])*(?=\|)", row)


def skeleton(markdown: str) -> list[str]:
    """What is left to Markdown when code is taken away: fenced blocks, and code spans in cells."""
    kept, fence = [], ""
    for line in markdown.split("\n"):
        if fence:
            if re.fullmatch(rf" {{0,3}}`{{{len(fence)},}} *", line):
                fence = ""
            continue
        opened = re.match(r"(`{3,})diff$", line)
        if opened:
            fence = opened[1]
            kept.append("(code)")
        elif line.startswith("|"):
            kept += [re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "(code)", cell) for cell in cells(line)]
        else:
            kept.append(line)
    assert not fence, "a block is left open"
    return kept


def test_a_summary_comes_first_and_the_rest_is_folded() -> None:
    review = Review(
        Plan(3, (update("Old", "New"),)),
        impact=Impact((Effect("lost-model", "default", "m", ("a", "b"), ()),)),
    )
    assert review_markdown(review).split("\n") == [
        "**routerctl**: 1 to update, against revision 3. Impact: 1 lost-model.",
        "",
        "| Impact | What | Before | After |",
        "| --- | --- | --- | --- |",
        "| lost-model | `Model/m` | `a, b` | `none` |",
        "",
        "<details><summary>1 change</summary>",
        "",
        "```diff",
        "@@ update Provider/p  (a.yaml) @@",
        "- spec.displayName: Old",
        "+ spec.displayName: New  (default changed)",
        "```",
        "",
        "</details>",
        "",
    ]


def test_no_difference_is_one_line() -> None:
    assert review_markdown(Review(Plan(3))) == "**routerctl**: No changes against revision 3.\n"


def test_conflicts_drift_dependents_and_notes_are_there() -> None:
    shown = review_markdown(everything("x"))
    for line in (
        "Impact: 1 default-model, 1 vanished-name. Drift: 1.",
        "<details><summary>1 conflict</summary>",
        "! spec.description: x → other, owned by x since t",
        "<details><summary>1 drift</summary>",
        "! Provider/p  spec.displayName: live, declared x; by x at t, revision 7 (patch): x",
        "! needed by Model/m of x, which stays",
        "<details><summary>3 notes</summary>",
        "  ? Model/m  spec.k: (unknown without the key)",
        "  … Model/m  waits: x",
    ):
        assert f"{line}\n" in shown


@given(evil_texts.filter(lambda text: text.strip() != ""))
def test_nothing_of_a_manifest_acts_in_the_comment(text: str) -> None:
    assert skeleton(review_markdown(everything(text))) == skeleton(review_markdown(everything("x")))


@given(evil_texts.filter(lambda text: text.strip() != ""))
def test_a_code_span_is_one_cell_and_nothing_but_code(text: str) -> None:
    row = f"| {code_span(text)} | y |"
    assert len(cells(row)) == 2
    assert skeleton(row) == [" (code) ", " y "]


@pytest.mark.parametrize(
    ("text", "span"),
    [("a", "`a`"), ("", ""), (" ", ""), ("a`b", "``a`b``"), ("`", "`` ` ``"), ("a|b", "`a\\u007cb`"), ("x" * 200, f"`{'x' * 120}…`")],
)  # fmt: skip
def test_code_spans(text: str, span: str) -> None:
    assert code_span(text) == span


@given(
    st.integers(LEAST_SIZE, 4000),
    st.integers(0, 60),
    st.integers(0, 60),
    st.integers(0, 300),
    st.sampled_from(["x", "`" * 150, "long " * 60]),
)
def test_it_is_never_longer_than_asked(size: int, many: int, effects: int, rows: int, text: str) -> None:
    keys = [ResourceKey("Provider", "default", f"p{number}") for number in range(many)]
    whole = everything(text)
    review = Review(
        Plan(
            3,
            tuple(update(text, "\n".join([text] * rows), key) for key in keys),
            conflicts=whole.plan.conflicts * many,
        ),
        impact=Impact(
            tuple(Effect("vanished-name", "default", f"{text}{number}", ("m",)) for number in range(effects))
        ),
        drift=whole.drift * many,
    )
    shown = review_markdown(review, size)
    assert len(shown) <= size
    skeleton(shown)
    assert shown.count("<details>") == shown.count("</details>")


def test_what_is_left_out_is_counted() -> None:
    keys = [ResourceKey("Provider", "default", f"p{number}") for number in range(2000)]
    shown = review_markdown(Review(Plan(3, tuple(update("a", "b", key) for key in keys))), DEFAULT_SIZE)
    left = re.search(r"\n([0-9]+) of 2000 changes left out for size\.\n$", shown)
    assert left is not None
    assert shown.count("@@ update") == 2000 - int(left[1])
    assert len(shown) > DEFAULT_SIZE * 0.9


def test_a_change_that_is_too_long_keeps_its_title() -> None:
    text = "\n".join("abcdefgh" * 20 for _ in range(50))
    shown = review_markdown(Review(Plan(3, (update(text, f"{text}\nx" * 2), update("a", "b", M)))), 1200)
    assert re.search(r"^@@ update Provider/p .* … [0-9]+ lines left out for size$", shown, re.MULTILINE)
    assert "+ spec.displayName: b" in shown
    effects = tuple(Effect("vanished-name", "default", f"name-{number}", ("m",)) for number in range(99))
    many = review_markdown(Review(Plan(3), impact=Impact(effects)), 1200)
    assert re.search(r"\n[0-9]+ rows of the impact left out for size\.\n", many)
