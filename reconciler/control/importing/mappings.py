"""A mapping that a YAML file holds → Findings, by what it is."""

from collections.abc import Mapping
from pathlib import Path

from reconciler.control.importing import detecting, oxide_sources
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.litellm import import_litellm
from reconciler.control.importing.llama_swap import import_llama_swap
from reconciler.control.importing.source_files import including
from reconciler.json_types import JsonObject


def read_mapping(
    path: Path, data: JsonObject, said: str, environ: Mapping[str, str], namespace: str
) -> Findings:
    """said: what --from says. Raises NotKnown, InvalidInput as `checked`."""
    origin = str(path)
    match detecting.checked(path, detecting.form_of_mapping(data), said):
        case "llama-swap":
            return import_llama_swap(data, origin, namespace)
        case "litellm":
            return import_litellm(data, origin, including(path.parent), environ, namespace)
        case "oxide-profiles":
            return oxide_sources.import_profiles(data, origin, namespace)
        case _:
            return oxide_sources.import_oxide(data, origin, namespace)
