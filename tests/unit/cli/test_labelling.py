import pytest
from fakes.command import Routerctl, manifest

from reconciler.cli.labelling import put_texts
from reconciler.cli.save_options import STORE
from reconciler.cli.selecting import Which
from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked


@pytest.mark.parametrize(
    ("verb", "words", "said", "field"),
    [
        ("label", ["a=1"], "labeled", "labels"),
        ("label", ["a=1", "b-"], "labeled", "labels"),
        ("label", ["c-"], "unlabeled", "labels"),
        ("label", ["b-"], "not labeled", "labels"),
        ("annotate", ["a=b=c"], "annotated", "annotations"),
        ("annotate", ["c-"], "annotated", "annotations"),
        ("annotate", ["b-"], "not annotated", "annotations"),
    ],
)
def test_what_is_said(routerctl: Routerctl, verb: str, words: list[str], said: str, field: str) -> None:
    routerctl.apply(manifest("Model", "m", labels={"c": "3"}, annotations={"c": "3"}))
    session = Session({}, str(routerctl.db))
    routerctl.capsys.readouterr()
    put_texts(session, verb, ["model/m", *words], Asked(), (Which(), STORE), overwrite=False)
    assert routerctl.capsys.readouterr().out.splitlines()[0] == f"model/m {said}"
    metadata = routerctl("get", "model/m", "-o", "json").json()["metadata"]
    expected = {"c": "3"} | {key: value for key, _, value in (word.partition("=") for word in words) if value}
    assert metadata.get(field, {}) == {
        key: value for key, value in expected.items() if f"{key}-" not in words
    }
