import json

import pytest
from fakes.command import Routerctl, served

from reconciler.cli.comparing import compare_revisions
from reconciler.cli.review_options import Showing
from reconciler.cli.revision_words import HEAD, RevisionWord
from reconciler.cli.session import Session


def test_what_turns_one_revision_into_another(
    routerctl: Routerctl, capsys: pytest.CaptureFixture[str]
) -> None:
    routerctl.apply(served("m"))
    routerctl.apply(served("m", enabled=False))
    session, first = Session({}, str(routerctl.db)), RevisionWord().convert("1", None, None)
    review = compare_revisions(session, first, HEAD, "json", Showing())
    told = json.loads(capsys.readouterr().out)
    assert (told["from"], told["to"], told["base"]) == (1, 2, 1)
    assert [effect["effect"] for effect in told["impact"]] == ["lost-model"]
    assert review.differs
    back = compare_revisions(session, HEAD, first, "text", Showing())
    assert capsys.readouterr().out.startswith("~ Provider/m  (a.yaml)\n    spec.enabled: false → true")
    assert back.impact.counts() == {"gained-model": 1}
    assert not compare_revisions(session, HEAD, HEAD, "markdown", Showing()).differs
    assert capsys.readouterr().out == "**routerctl**: No changes against revision 2.\n"
