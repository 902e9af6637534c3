"""Server-side apply beside a real kube-apiserver: requests in order, and what it answered and stored.

Recorded were random trials of eight requests each: three appliers with and without force, applies and merge patches of
/status, PUTs, merge patches and JSON patches, over a granular map, an atomic list, a keyed list, labels, finalizers and
a default. `ssa-vectors-crd.yaml` is their schema.
"""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from fakes.kubernetes_object import Answer, KubernetesObject, Request
from ruamel.yaml import YAML

from reconciler.control.ownership.managed_fields import managed_fields_json
from reconciler.json_types import JsonObject

FOLDER = Path(__file__).parents[1] / "data" / "kubernetes"
GROUP_VERSION = "gateway.example.dev/v1alpha1"

Step = Mapping[str, Any]
"""One line of the file: {trial, step, method, subresource, query, contentType, body, expect}."""

ANSWERS = {
    (200, ""): 182,
    (201, ""): 39,
    (404, "NotFound"): 42,
    (409, "Conflict"): 28,
    (422, "Invalid"): 24,
}
"""How many steps end how: nothing is left out, and no rule differs from the recorded server's."""


def trials() -> dict[int, list[Step]]:
    found: dict[int, list[Step]] = {}
    for line in (FOLDER / "ssa-vectors.jsonl").read_text(encoding="utf-8").splitlines():
        step: Step = json.loads(line)
        found.setdefault(step["trial"], []).append(step)
    return found


def schema() -> JsonObject:
    document = next(iter(YAML(typ="safe", pure=True).load_all(FOLDER / "ssa-vectors-crd.yaml")))
    found: JsonObject = document["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return found


TRIALS = trials()
SCHEMA = schema()


def request(step: Step, resource_version: int) -> Request:
    body = json.loads(json.dumps(step["body"]).replace('"CURRENT"', f'"{resource_version}"'))
    query = step["query"]
    return Request(
        step["method"],
        query["fieldManager"],
        body,
        content_type=step["contentType"],
        subresource=step["subresource"].removeprefix("/"),
        force=query.get("force") == "true",
    )


def replay(steps: list[Step]) -> list[tuple[Step, Answer, KubernetesObject]]:
    server = KubernetesObject(SCHEMA, GROUP_VERSION)
    done: list[tuple[Step, Answer, KubernetesObject]] = []
    for step in steps:
        answer = server.send(request(step, server.resource_version))
        done.append(
            (step, answer, KubernetesObject(SCHEMA, "", server.content, server.managers, server.generation))
        )
    return done


@pytest.mark.parametrize("trial", TRIALS)
def test_a_trial_ends_as_at_a_real_server(trial: int) -> None:
    for step, answer, after in replay(TRIALS[trial]):
        expected, place = step["expect"], f"step {step['step']}"
        assert (answer.code, answer.reason) == (expected["code"], expected.get("reason", "")), place
        if answer.code >= 400:
            assert sorted(causes(answer)) == sorted(expected["causes"]), place
        else:
            assert seen(after) == {name: expected[name] for name in ("obj", "meta")}, place
            assert entries(managed_fields_json(after.managers, GROUP_VERSION)) == entries(expected["mf"]), (
                place
            )


def causes(answer: Answer) -> list[str]:
    """As they are recorded: the message of a conflict alone."""
    named = [
        {"field": at, "message": message, "reason": reason} if message else {"field": at, "reason": reason}
        for at, reason, message in answer.causes
    ]
    return [json.dumps(cause) for cause in named]


def seen(after: KubernetesObject) -> dict[str, Any]:
    metadata = after.content["metadata"]
    assert isinstance(metadata, dict)
    meta = {name: metadata.get(name) for name in ("labels", "finalizers", "annotations")}
    content = {name: value for name, value in after.content.items() if name != "metadata"}
    return {"obj": content, "meta": {**meta, "generation": after.generation}}


def entries(managed: list[Any]) -> list[str]:
    """Without their times, and so without their order."""
    return sorted(json.dumps({**entry, "time": ""}, sort_keys=True) for entry in managed)


def test_every_recorded_step_is_replayed() -> None:
    answers = [answer for steps in TRIALS.values() for _, answer, _ in replay(steps)]
    assert Counter((answer.code, answer.reason) for answer in answers) == ANSWERS
    assert len(answers) == 315
