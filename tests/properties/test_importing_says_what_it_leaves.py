"""A field that an importer does not know, wherever it stands, is carried over or told: nothing is left out without a word."""

import copy
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from fakes.importing import DATA
from hypothesis import given
from hypothesis import strategies as st

from reconciler.control.importing.envoy import import_envoy
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.foreign_toml import read_foreign_toml
from reconciler.control.importing.litellm import import_litellm
from reconciler.control.importing.llama_swap import import_llama_swap
from reconciler.control.importing.oxide_sources import import_oxide
from reconciler.control.importing.tensorzero import import_tensorzero
from reconciler.control.manifest.foreign_yaml import read_foreign_documents
from reconciler.json_types import JsonObject, JsonValue

Steps = tuple[str | int, ...]
FILES = ("llama-swap.yaml", "tensorzero.toml", "oxide.yaml", "litellm.yaml", "envoy.yaml")
STRUCTURE: dict[str, tuple[str, ...]] = {
    "llama-swap.yaml": ("macros",),  # written out where they are used
    "envoy.yaml": (
        "metadata",
        "apiVersion",
        "type",
        "Ref",
        "Refs",
        "validation",
    ),  # what an object is, and refers to
}
"""Mappings that carry nothing over themselves."""


@cache
def documents(name: str) -> list[JsonObject]:
    content = Path(DATA / name).read_bytes()
    return (
        [read_foreign_toml(content, name)]
        if name.endswith(".toml")
        else read_foreign_documents(content, name)
    )


def imported(name: str, data: list[JsonObject]) -> Findings:
    if name == "envoy.yaml":
        return import_envoy(data, name)
    if name == "litellm.yaml":
        return import_litellm(data[0], name, lambda _: None, {})
    importers = {
        "llama-swap.yaml": import_llama_swap,
        "tensorzero.toml": import_tensorzero,
        "oxide.yaml": import_oxide,
    }
    return importers[name](data[0], name)


def mappings(value: JsonValue, way: Steps = ()) -> Iterator[Steps]:
    if isinstance(value, dict):
        yield way
        for name, item in value.items():
            yield from mappings(item, (*way, name))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from mappings(item, (*way, place))


def holders() -> list[tuple[str, int, Steps]]:
    return [
        (name, number, way)
        for name in FILES
        for number, document in enumerate(documents(name))
        for way in mappings(document)
        if not any(str(step).endswith(STRUCTURE.get(name, ("\0",))) for step in way)
        and (name != "envoy.yaml" or way[:1] == ("spec",))
    ]


def written(way: Steps) -> str:
    text = ""
    for step in way:
        text += f"[{step}]" if isinstance(step, int) else f"{'.' if text else ''}{step}"
    return text


def told(findings: Findings, way: Steps, prefix: str) -> bool:
    """Whether it, or something that it stands in, is told or carried over."""
    ways = {f"{prefix}{written(way[: length + 1])}" for length in range(len(way))} | (
        {prefix[:-1]} if prefix else set()
    )
    fields = {each.field for each in findings.losses}
    fields |= {each.field for each in findings.points} | {each.field for each in findings.secrets}
    return bool(ways & fields)


@given(st.sampled_from(holders()), st.sampled_from(["surprise", "made_up_key"]))
def test_what_nobody_knows_is_told(holder: tuple[str, int, Steps], field: str) -> None:
    name, number, way = holder
    data = copy.deepcopy(documents(name))
    place: JsonValue = data[number]
    for step in way:
        place = place[step]  # type: ignore[index]  # it was walked before
    assert isinstance(place, dict)
    place[field] = "x"
    prefix = ""
    if name == "envoy.yaml":
        document = data[number]
        metadata = document["metadata"]
        assert isinstance(metadata, dict)
        prefix, way = f"{document['kind']}/{metadata['name']}.", way[1:]
    assert told(imported(name, data), (*way, field), prefix)
