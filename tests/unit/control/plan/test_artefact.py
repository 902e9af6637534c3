import json
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes.kept import plan
from fakes.workshop import Workshop, remote, simulator

from reconciler.control.plan.artefact import Artefact, InputFile, read, write
from reconciler.control.plan.effects import Effect, Impact
from reconciler.control.plan.model import Plan
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject
from reconciler.resources.resource import ResourceKey
from reconciler.store.canonical import canonical, sha256
from reconciler.store.records import Hold

KEY = ResourceKey("Model", "default", "m")


@pytest.fixture
def text(tmp_path: Path) -> str:
    shop = Workshop(tmp_path)
    shop.write("a.yaml", simulator("old"), simulator(text="one"))
    shop.apply()
    shop.write("a.yaml", simulator(text="two"), remote(apiKey="sk-canary"))
    made = write(plan(shop, prune=True))
    shop.close()
    return made


def changed(text: str, change: Callable[[JsonObject], object]) -> str:
    """With another content and its right checksum."""
    document: JsonObject = json.loads(text)
    change(document)
    document.pop("checksum")
    return json.dumps({**document, "checksum": sha256(canonical(document))})


def test_what_is_written_is_read(text: str) -> None:
    assert write(read(text, "plan.json")) == text
    assert write(read(text.encode(), "plan.json")) == text
    assert "sk-canary" not in text


def test_every_part_is_kept() -> None:
    everything = Artefact(
        Plan(7, undeclared=(KEY,), releases=((KEY, "acme"),)),
        base_digest="sha256:0",
        made="2026-01-01T00:00:00Z",
        program="9.9",
        manager="git:acme",
        source="acme",
        names=("acme", "/srv/acme"),
        commit="1a2b",
        dirty=True,
        scopes=("a", "b"),
        prune=True,
        declares=(KEY,),
        holds=(Hold(KEY, "acme", None, 3),),
        inputs=(InputFile("a.yaml", "0" * 64),),
        impact=Impact((Effect("lost-model", "default", "m", ("p",)),)),
    )
    assert read(write(everything), "plan.json") == everything
    without_source = Artefact(Plan(0), None, "2026-01-01T00:00:00Z", "9.9", "cli:ada")
    assert read(write(without_source), "plan.json") == without_source


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"a": 1.5}', '{"a": NaN}', '{"a": 1, "a": 2}', '{"a": "\\ud800"}', "[" * 100_000]
)
def test_what_is_no_document_of_ours_is_no_plan(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"plan\.json is no plan: it can't be read as JSON"):
        read(text, "plan.json")


@pytest.mark.parametrize(
    ("format_", "shown"), [("routerctl.dev/plan.v2", '"routerctl.dev/plan.v2"'), ("zzz", "none"), (7, "none")]
)
def test_another_format_is_refused(format_: object, shown: str) -> None:
    with pytest.raises(InvalidInput, match=f"its format is {shown}, not routerctl.dev/plan.v1"):
        read(json.dumps({"format": format_}), "plan.json")


def test_an_accident_is_seen(text: str) -> None:
    with pytest.raises(InvalidInput, match="not as it was written: its checksum differs"):
        read(text.replace('"two"', '"too"'), "plan.json")


def test_other_blanks_and_another_order_are_no_accident(text: str) -> None:
    document = json.loads(text)
    assert read(json.dumps(dict(reversed(document.items()))), "plan.json") == read(text, "plan.json")


def test_a_document_of_another_form_is_refused_with_the_place(text: str) -> None:
    for change, place in (
        (lambda it: it.update(zzz=1), "zzz"),
        (lambda it: it.pop("base"), "base"),
        (lambda it: it["changes"][0].update(action="move"), r"changes\.0\.action"),
        (lambda it: it["base"].update(revision="1"), r"base\.revision"),
        (lambda it: it.update(inputs=[{"path": "a", "sha256": "x"}]), r"inputs\.0\.sha256"),
        (lambda it: it["seals"][0].update(ciphertext="ü"), r"seals\.0\.ciphertext"),
    ):
        with pytest.raises(InvalidInput, match=rf"plan\.json is no plan: {place}"):
            read(changed(text, change), "plan.json")
