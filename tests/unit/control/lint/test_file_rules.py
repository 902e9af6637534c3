import random

from fakes.linting import declarations, ids, linted, with_version

from reconciler.control.lint.file_rules import _PLAIN
from reconciler.control.manifest.events import YamlSyntaxError, events
from reconciler.control.manifest.round_trip.loader import UnreadableError, load

TAB = "kind: Model\nmetadata: {name: m}\nspec:\n  displayName:\tx\n"
PIECES = (
    "a: b\n", "  a:\n", "- a: b\n", "  - b\n", "    -\n", "# c: [d\n", "  # x\n", "\n", "   \n", "---\n", "a: 'x'\n",
    'a: "b c"\n', "a: {}\n", "a: []\n", "a: b # c\n", "a: |\n", "a: http://x:1/y\n", "a: b: c\n", "? a\n", "b\n", "\ta: b\n",
)  # fmt: skip


def is_yaml(text: str) -> bool:
    try:
        return bool(list(events(text)))
    except YamlSyntaxError:
        return False


def test_a_document_that_edit_could_not_change() -> None:
    (finding,) = [each for each in linted(TAB).findings if each.rule == "unreadable-by-edit"]
    assert finding.location is not None
    assert (finding.location.line, finding.location.column) == (5, 15)
    assert finding.message.startswith("can't be changed in place: ")


def test_documents_of_the_usual_form_need_no_second_reading() -> None:
    text = """\
# a comment, with: marks [ { of all kinds
kind: Provider
metadata:
  name: p
spec:
  type: lm-studio
  config:
    baseURL: http://localhost:1234/v1
    headers: {}
"""
    (item,) = declarations(text).declared.values()
    assert _PLAIN.fullmatch(item.document.text)
    (other,) = declarations(TAB).declared.values()
    assert not _PLAIN.fullmatch(other.document.text)


def test_what_is_taken_for_readable_is_read_by_both_loaders() -> None:
    rng = random.Random(7)
    tried = 0
    for _ in range(3000):
        text = "".join(rng.choice(PIECES) for _ in range(rng.randint(1, 5)))
        if not _PLAIN.fullmatch(text) or any("---" in line for line in text.splitlines()[1:]):
            continue
        if not is_yaml(text):
            continue
        tried += 1
        try:
            load(text)
        except UnreadableError as refused:
            raise AssertionError(text) from refused
    assert tried > 100


def test_the_ids_that_others_name_are_rules() -> None:
    text = "kind: Binding\nmetadata: {name: b}\nspec: {model: m, provider: p}\n"
    assert ids(linted(text)) == ["dangling-reference", "dangling-reference"]
    assert with_version(text).count("apiVersion") == 1
