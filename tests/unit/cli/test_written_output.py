import json
from dataclasses import replace

import pytest
from fakes.states import after, stored
from fakes.workshop import model

from reconciler.cli.written_output import Words, Written, name_of, print_written
from reconciler.control.plan.model import Action, Change, Plan
from reconciler.control.proposal import Proposal
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.resources.state import State
from reconciler.store.records import EMPTY_STORE

A, B = (stored(model(name)) for name in "ab")
STATE = State([A, B], revision=4)
GONE = ResourceKey("Model", "default", "gone")
CHANGED = Change(Action.UPDATE, A.key, A, model("a", displayName="A"), (), "acme", "all.yaml")
HEAD = replace(EMPTY_STORE, number=5, digest="sha256:abc")
WORDS = Words("patched", "patched (no change)")


class Stored:
    """As it is at revision 5."""

    def get(self, key: ResourceKey, *, at: int | None = None) -> StoredResource | None:
        assert at == 5
        return after(STATE, [CHANGED]).get(key)


def written(*changes: Change, dry_run: bool = False) -> Written:
    plan = Plan(4, changes)
    proposal = Proposal(plan, STATE, {}, frozenset(), frozenset())
    return Written((B.key, A.key, GONE), proposal, None if dry_run else HEAD)


def shown(of: Written, output: str, capsys: pytest.CaptureFixture[str], words: Words = WORDS) -> str:
    print_written(of, words, output, {}, Stored())
    return capsys.readouterr().out


def test_names_are_kubectls() -> None:
    assert name_of(ResourceKey("Provider", "team", "p")) == "provider/p"


def test_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(written(CHANGED), "text", capsys) == (
        "model/b patched (no change)\nmodel/a patched\nRevision 5  digest sha256:abc\n"
    )
    assert shown(written(), "text", capsys) == "model/b patched (no change)\nmodel/a patched (no change)\n"


def test_with_the_fields(capsys: pytest.CaptureFixture[str]) -> None:
    fields = "~ Model/a  (all.yaml)\n    spec.displayName: A\n    spec: {} → (removed)\n"
    dry = shown(written(CHANGED, dry_run=True), "text", capsys)
    assert dry.startswith("~ Model/a  (all.yaml)\n")
    assert "spec.displayName: A" in dry
    assert dry.endswith("model/b patched (no change) (dry run)\nmodel/a patched (dry run)\n")
    assert fields.splitlines()[0] in shown(written(CHANGED), "text", capsys, replace(WORDS, fields=True))


def test_as_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(written(CHANGED), "name", capsys) == "model/b\nmodel/a\n"


@pytest.mark.parametrize("dry_run", [False, True])
def test_as_objects(capsys: pytest.CaptureFixture[str], *, dry_run: bool) -> None:
    listed = json.loads(shown(written(CHANGED, dry_run=dry_run), "json", capsys))
    assert [item["spec"] for item in listed["items"]] == [{}, {"displayName": "A"}]
    one = replace(written(CHANGED, dry_run=dry_run), keys=(A.key,))
    assert json.loads(shown(one, "json", capsys))["spec"] == {"displayName": "A"}
    assert "managedFields" not in json.loads(shown(one, "json", capsys))["metadata"]
