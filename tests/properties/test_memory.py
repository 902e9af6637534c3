"""What is remembered of files never tells anything else than the files do."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.control.intake import Intake, cross_problems, take_in
from reconciler.control.manifest.memory import Memory

HEAD = "apiVersion: routerctl.dev/v1\nkind: "
TEXTS = (
    HEAD + "Model\nmetadata: {name: one}\nspec: {}\n",
    HEAD + "Model\nmetadata: {name: two}\nspec: {}\n",
    HEAD + "Model\nmetadata: {name: one, namespace: team}\nspec: {aliases: [two]}\n",
    HEAD + "Binding\nmetadata: {name: one}\nspec: {model: one, provider: one}\n",
    HEAD + "Provider\nmetadata: {name: one}\nspec: {type: simulator, config: {apiKey: null}}\n",
    HEAD + "Provider\nmetadata: {name: two}\nspec: {type: simulator, config: {latency: 1.5}}\n",
    HEAD + "Secret\nmetadata: {name: one}\nspec: {data: {KEY: {value: canary-canary}}}\n",
    HEAD + "Model\nmetadata: {name: x}\nspec: {displayname: x}\n",
    "# nothing\n",
    "[\n",
)
contents = st.lists(st.sampled_from(TEXTS), max_size=3).map("---\n".join)
edits = st.tuples(st.sampled_from(["a.yaml", "b.yaml", "sub/c.yaml"]), st.none() | contents)


def seen(intake: Intake) -> object:
    declared = [(item.resource, item.document.locate(("metadata", "name"))) for item in intake.declared]
    return declared, intake.problems, cross_problems(intake, closed=True), intake.files, intake.empty


@settings(max_examples=60)
@given(st.lists(edits, min_size=1, max_size=5), st.sampled_from([None, "team"]))
def test_a_remembered_reading_is_the_cold_one_after_any_edit(
    changes: list[tuple[str, str | None]], namespace: str | None
) -> None:
    with TemporaryDirectory() as place:
        folder = Path(place) / "manifests"
        (folder / "sub").mkdir(parents=True)
        for name, text in changes:
            file = folder / name
            if text is None:
                file.unlink(missing_ok=True)
            else:
                file.write_text(text.ljust(500))  # neither size nor time tell that it changed
                os.utime(file, (1, 1))
            for _ in range(2):
                with Memory(Path(place) / "files.db") as memory:
                    remembered = take_in([str(folder)], namespace=namespace, memory=memory)
                assert seen(remembered) == seen(take_in([str(folder)], namespace=namespace))
